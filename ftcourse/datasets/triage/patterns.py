"""The sentences the tickets are made of, written by hand; every sentence stands in one split only.

One sentence pattern a line; a mark in front says where it fits: `~` a telegram, for the terse style alone;
`=` only where something is broken or has not come; `<` only before the request, `>` only after it.
`{order}`, `{plan}` and the like are slots; `generate.py` fills them. No pattern has a contraction:
the informal styles put those in.
"""


def with_shared(shared: list[str], train: list[str], valid: list[str], test: list[str]) -> dict[str, list[str]]:
    """Each split's own phrases after those that all may use"""
    return dict(train=shared + train, valid=shared + valid, test=shared + test)


def lines(block: str) -> list[str]:
    """The non-empty lines of `block`, without their indentation"""
    return [line.strip() for line in block.splitlines() if line.strip()]


# ------------------------------------------------------------------ requests: (intent, area) -> split -> patterns

REQUESTS = {}

REQUESTS["refund", "shop"] = dict(
    train=lines("""
        I would like my money back for order {order}, because the shoes are two sizes too small.
        Please refund order {order}. The lamp looks nothing like the photo in your shop.
        The kettle from order {order} stopped heating after three days and I want a full refund.
        I sent everything from order {order} back to you last month, but you have not returned the money. Please pay it back.
        Can you reimburse me for order {order}? The colour is completely wrong.
        We bought twelve chairs in your shop and four of them wobble, so we ask for our money back on order {order}.
        My order {order} was charged at the full price although the voucher was valid. Please pay back the difference.
        Two items were missing from order {order}; kindly return what I paid for them.
        My daughter already owns the game, so I am sending order {order} back and hope to get the purchase price refunded.
        ~ Refund order {order}, wrong size.
        ~ Order {order} faulty. Want money back.
    """),
    valid=lines("""
        The jacket I got with order {order} has a torn sleeve, and I expect to be refunded for it.
        Would you give me my money back? The headphones from order {order} only play on one side.
        ~ Money back for order {order} please, item broken.
    """),
    test=lines("""
        Nothing in order {order} looks like what I picked in the shop, so please refund the whole sum.
        I returned the blender two weeks ago and still do not have my money for order {order}. Please send the refund.
        The table has a deep scratch; I no longer want it and ask you to reimburse order {order}.
        Since the coat in order {order} has the wrong size, I want to get back what I paid.
        ~ Item wrong, please refund order {order}.
    """),
)

REQUESTS["refund", "billing"] = dict(
    train=lines("""
        You charged me twice for the {plan} plan this month and I want one of the payments back.
        I was billed for the {plan} plan although I never agreed to it. Please refund the payment.
        Please return the money that was taken from my card for the {plan} plan by mistake.
        The {plan} plan renewed itself on {date} without any notice, so I ask for a full refund.
        My bank statement shows a charge for the {plan} plan that ended in spring. I want this amount reimbursed.
        Our team paid a whole year of the {plan} plan and used it for a week; could we get the rest of the money back?
        You promised a discount on the {plan} plan but took the full price from my card. Kindly pay back the difference.
        I am not happy with the {plan} plan and would like to use the thirty day money back guarantee.
        There are two subscription payments for the {plan} plan on my statement. Refund the second one, please.
        ~ Charged twice for {plan} plan. Refund one.
        ~ Wrong charge, {plan} plan, please pay back.
    """),
    valid=lines("""
        A payment for the {plan} plan left my bank although my trial was still running; please refund it.
        I paid for the {plan} plan two times by accident and hope you can send one amount back.
        ~ Refund {plan} plan, billed by mistake.
    """),
    test=lines("""
        My card was billed for the {plan} plan that I never asked for, and I want that money back.
        Could you reimburse the yearly fee for the {plan} plan? It renewed without a word and nobody here uses it.
        On {date} the price of the {plan} plan was taken two times from my bank. One payment has to be refunded.
        I ask you to return the charge for the {plan} plan, since the discount you promised me was left out.
        ~ {plan} plan billed twice, want money back.
    """),
)

REQUESTS["refund", "shipping"] = dict(
    train=lines("""
        The parcel with order {order} arrived crushed and the vase inside is in pieces. I want my money back.
        The courier left my package in the rain and everything from order {order} is soaked; please refund me.
        I paid for express shipping on order {order} and it took nine days, so I ask you to refund the fee.
        Order {order} was lost by the courier, as they told me on the phone. Please return my payment.
        My parcel was opened on the way and half of order {order} is gone. I expect to be reimbursed.
        The box of order {order} came empty and the driver only shrugged. Give me my money back.
        Because the package was damaged in transit I refused it, and I would like a refund for order {order}.
        Tracking says that the parcel went back to you on {date}, so please refund order {order}.
        Shipping for order {order} was charged twice. Kindly pay one fee back.
        ~ Parcel damaged, refund order {order}.
        ~ Order {order}: package arrived broken, money back please.
    """),
    valid=lines("""
        The driver dropped the parcel and the glasses are broken, please refund order {order}.
        You charged me for fast shipping, yet order {order} came late; I would like that fee back.
        ~ Package soaked, want refund for order {order}.
    """),
    test=lines("""
        Everything in the parcel was broken when the courier handed it over. Please give me the money back for order {order}.
        The courier admits that the package is lost, so I ask for a refund of order {order}.
        I want to be reimbursed for order {order}: the box came wet and torn, and the driver left without a word.
        For order {order} I chose express delivery and the parcel came a week late. Refund the shipping fee, please.
        ~ Empty parcel, refund order {order} please.
    """),
)

REQUESTS["cancel", "billing"] = dict(
    train=lines("""
        Please cancel my {plan} plan at the end of the month.
        I no longer need the {plan} plan and want to end it.
        We are closing our office, so please stop the {plan} plan before it renews.
        I would like to terminate my subscription to the {plan} plan.
        The {plan} plan has become too expensive for me. Do not renew it, please.
        My trial of the {plan} plan was nice, but I do not want to keep it, so please cancel.
        Kindly confirm in writing that my {plan} subscription is cancelled.
        After three years I have decided to leave and I ask you to end the {plan} plan.
        We have found another supplier and hereby give notice for the {plan} plan.
        ~ Cancel {plan} plan, please.
        ~ Stop my {plan} subscription. Not used any more.
    """),
    valid=lines("""
        My husband already pays for a subscription, so I want to cancel my {plan} plan.
        Please make sure that the {plan} plan is not renewed; we want to end it.
        ~ End {plan} plan, no renewal.
    """),
    test=lines("""
        I do not use the {plan} plan any longer, so please end my subscription.
        I have decided not to keep the {plan} plan after the trial and ask you to cancel it.
        Would you stop the {plan} plan for us? We do not want it to renew next year.
        I hereby let you know that I want to terminate the {plan} plan, please confirm.
        ~ Terminate {plan} plan please.
    """),
)

REQUESTS["cancel", "shop"] = dict(
    train=lines("""
        Please cancel order {order}, I picked the wrong colour.
        I ordered the same desk twice by mistake, so order {order} can be cancelled.
        Can you stop order {order} before it leaves the warehouse? I do not need it any more.
        I found the same camera cheaper in another shop and want to cancel order {order}.
        My son pressed buy without asking me. Kindly cancel order {order}.
        We no longer want the ten monitors. Take order {order} off your list, please.
        I have changed my mind about the carpet, please do not send order {order}.
        Order {order} should be withdrawn because the colour I need is sold out.
        I want to call off order {order}, since we are not moving house after all.
        ~ Cancel order {order}, bought twice.
        ~ Do not send order {order}. Changed my mind.
    """),
    valid=lines("""
        I would like order {order} to be cancelled, as I chose the wrong size in your shop.
        Our project was called off, so we do not need order {order} and ask you to stop it.
        ~ Order {order} no longer wanted, please cancel.
    """),
    test=lines("""
        Somebody in my family has already bought the same camera, so I want to cancel order {order}.
        Please do not send me order {order}; I pressed the wrong button in the shop and do not want it.
        Is it possible to stop order {order}? I changed my mind about the colour.
        We have to cancel order {order} because the office move was called off.
        ~ Please cancel order {order}, wrong item picked.
    """),
)

REQUESTS["cancel", "account"] = dict(
    train=lines("""
        Please close my account, customer number {customer}, and delete my data.
        I want to delete the account with the number {customer} for good.
        I do not use your service any more. Remove account {customer} and everything stored in it.
        My late mother had an account with you, number {customer}, and I would like it to be closed.
        Kindly shut the user account {customer}, since the employee has left our company.
        Under data protection law I ask you to erase account {customer}.
        I opened a second account by mistake, so please cancel number {customer}.
        I would like to leave your service, please close account {customer} and confirm it.
        There is no reason to keep account {customer} open, we have stopped trading. Please end it.
        ~ Close account {customer}, delete all data.
        ~ Delete account {customer}. Not needed.
    """),
    valid=lines("""
        I am leaving and want account {customer} to be deleted with all my data.
        Could you close the account of a colleague who has left us? The customer number is {customer}.
        ~ Account {customer}: please close for good.
    """),
    test=lines("""
        Nobody in our company uses account {customer} any more, so please close it.
        I ask you to erase my data and to cancel my account, the customer number is {customer}.
        My father has died and I want his account {customer} to be closed.
        Please delete the second account that was opened by accident, number {customer}.
        ~ Want account {customer} removed and closed.
    """),
)

REQUESTS["login", "app"] = dict(
    train=lines("""
        I cannot log in to the app on my {device}, it always says that the password is wrong.
        Since the last update the app on my {device} refuses my password.
        Signing in fails on the {device}: the app spins for a minute and then shows the login screen again.
        The app on my {device} has logged me out and will not let me back in.
        I typed the right password five times and the app on my {device} still says access denied.
        My fingerprint is no longer accepted when I want to sign in to the app on my {device}.
        The code for the app never reaches me, so I am unable to log in on my {device}.
        We are stuck at the sign-in page of the app on our {device}, although the password was reset.
        I bought a new {device} and the app does not recognise my login there.
        ~ App login fails on {device}, wrong password message.
        ~ Locked out of app on {device}.
    """),
    valid=lines("""
        The app tells me that my login is invalid each time I try it on my {device}.
        I am locked out of the app, my {device} keeps asking for a code that I do not get.
        ~ {device}: app will not accept my password.
    """),
    test=lines("""
        Each time I open the app on my {device} it refuses to sign me in and says wrong password.
        On my {device} I do not get past the login screen of the app, although I have reset the password.
        I am unable to sign in to the app because the code never arrives on my {device}.
        After the update I was logged out of the app and my {device} does not let me in again.
        ~ Cannot sign in, app on {device}.
    """),
)

REQUESTS["login", "account"] = dict(
    train=lines("""
        I cannot log in to my account with {browser}, the page just loads again.
        My account is locked after three wrong passwords, I was using {browser}.
        The link to reset my password opens in {browser} but then says expired, so I cannot get into my account.
        When I sign in to my account in {browser}, the security code is refused.
        I forgot the password of my account and the reset mail does not come. I tried it in {browser}.
        {browser} shows access denied when I want to sign in to my account.
        Your site keeps logging me out of my account after a few seconds, I use {browser}.
        I am locked out of my account, {browser} says that my user name does not exist.
        Since I changed my email address, my account does not accept my login in {browser} any more.
        ~ Account login fails in {browser}.
        ~ Account locked, password refused in {browser}.
    """),
    valid=lines("""
        I try to sign in to my account in {browser} and only get the message that my password is invalid.
        No login to my account is possible, {browser} stops at the security code.
        ~ Locked out of account in {browser}.
    """),
    test=lines("""
        My account does not let me in: {browser} says access denied though the password is right.
        The reset mail for my account never comes, so I am unable to log in with {browser}.
        I sign in to my account with {browser} and get logged out again and again.
        I have been locked out of my account since I typed a wrong code in {browser}.
        ~ Cannot sign in to account, {browser} refuses code.
    """),
)

REQUESTS["login", "api"] = dict(
    train=lines("""
        Our API key {key} is rejected with status 401 since last night.
        The API answers access denied to every call that we sign with key {key}.
        We cannot authenticate against the API, key {key} is called invalid.
        I made a new API key, number {key}, and it does not log me in.
        The token that the API gives us for key {key} is refused on the very next call.
        Login to the API fails with key {key}, although it worked all last year.
        Your API says that key {key} has expired, yet the console shows it as valid.
        Key {key} gives us a 403 on all API calls, so our script is locked out.
        Please check why the API does not accept our credentials any more; we use key {key}.
        ~ API key {key} rejected, error 401.
        ~ Cannot log in to API with key {key}.
    """),
    valid=lines("""
        With key {key} our script is no longer able to sign in to the API.
        Each login to the API ends in error 401, the key is number {key}.
        ~ API says key {key} is invalid.
    """),
    test=lines("""
        All our API calls come back with access denied, we use key {key}.
        Our script fails to authenticate: the API refuses key {key} with error 401.
        We are locked out of the API because key {key} is shown as expired, although it is new.
        Can you check key {key}? The API does not accept it as a login any more.
        ~ Key {key} refused by API, error 403.
    """),
)

REQUESTS["bug", "app"] = dict(
    train=lines("""
        The {feature} in the app does nothing when I tap it.
        Since the last update the {feature} in the app crashes.
        The app freezes each time I use the {feature}.
        I think there is a bug in the app: the {feature} shows an empty screen.
        When I open the {feature}, the app closes without any message.
        The {feature} has been broken in the app for a week, I only get an error.
        Our field staff report that the {feature} no longer works in the app on any phone.
        I reinstalled the app twice and the {feature} still hangs.
        Something is wrong with the {feature} of your app, it loses everything I enter.
        ~ App: {feature} crashes after update.
        ~ App update, {feature} broken.
    """),
    valid=lines("""
        Every time I tap the {feature}, the app hangs and I have to restart it.
        The app gives me an error instead of opening the {feature}.
        ~ App bug, {feature} shows empty screen.
    """),
    test=lines("""
        After the update I cannot use the {feature} any more because the app crashes.
        Your app has a fault: the {feature} stays empty, no matter what I tap.
        I get an error message when I try the {feature} in the app.
        The app on all our phones hangs when somebody opens the {feature}.
        ~ App crashes, {feature} does not work.
    """),
)

REQUESTS["bug", "api"] = dict(
    train=lines("""
        The {feature} of your API answers with error 500 to every call.
        We get empty results from the {feature}, although the API documentation says otherwise.
        Since version 3 the {feature} of the API returns the wrong time zone.
        The {feature} times out when we send more than ten rows to the API.
        I believe the {feature} has a bug: the API returns each record twice.
        Your API sends broken JSON from the {feature}, and our parser fails.
        The {feature} ignores the filter that we pass to the API.
        Calls to the {feature} worked until {date}, since then the API only gives a server error.
        Our tests show that the {feature} of the API drops every second message.
        ~ API bug: {feature} returns error 500.
        ~ API, {feature} times out on every call.
    """),
    valid=lines("""
        The {feature} gives a server error each time our script calls the API.
        Since the new API version we get the wrong fields from the {feature}.
        ~ Broken JSON from API, {feature}.
    """),
    test=lines("""
        Every call that we send to the {feature} ends in a server error, although the API status page is green.
        The API returns wrong results: the {feature} ignores our filter.
        We have found a bug in your API, the {feature} times out with more than ten rows.
        Half of the records are empty when the {feature} of the API answers.
        ~ API gives error 500 on {feature}.
    """),
)

REQUESTS["bug", "shop"] = dict(
    train=lines("""
        The {feature} in your shop does not react when I click it.
        When I use the {feature} in the shop, the page turns white.
        The {feature} of your web shop shows an error and I cannot continue.
        There seems to be a bug in the shop: the {feature} forgets what I entered.
        I tried three browsers and the {feature} in the shop is broken in all of them.
        The shop reloads again and again once I touch the {feature}.
        Your shop says unknown error each time I try the {feature}.
        The {feature} in the web shop shows prices in the wrong currency.
        On my laptop the {feature} of the shop covers half of the page and cannot be closed.
        ~ Shop bug: {feature} does not react.
        ~ Web shop, {feature} shows error.
    """),
    valid=lines("""
        I click on the {feature} in your shop and nothing happens.
        The {feature} is broken, the shop shows me an error page instead.
        ~ Error in shop, {feature} turns white.
    """),
    test=lines("""
        In your web shop the {feature} is not working, I only see a white page.
        I cannot continue in the shop because the {feature} does not react to any click.
        Each time I use the {feature}, the shop forgets everything and shows an unknown error.
        You have a bug in the shop, the {feature} reloads without end.
        ~ Shop: {feature} broken, error on click.
    """),
)

REQUESTS["bug", "account"] = dict(
    train=lines("""
        The {feature} in my account stays blank when I open it.
        I cannot save anything in the {feature} of my account, it shows an error.
        Since the redesign the {feature} in the account area is broken.
        Each time I open the {feature} in my account, I see the data of last year.
        There is a fault in the account area: the {feature} jumps back to the start.
        The {feature} of my account loads for ever.
        My account shows an error when I click on the {feature}.
        I changed two entries in the {feature}, but my account loses them after a minute.
        On every computer we have, the {feature} in our account crashes the page.
        ~ Account bug: {feature} stays blank.
        ~ Account area, {feature} will not save.
    """),
    valid=lines("""
        The {feature} does not load in my account, I get an error message.
        In my account the {feature} loses every entry that I save.
        ~ Fault in account, {feature} blank.
    """),
    test=lines("""
        When I want to save the {feature} in my account, an error comes up and the entries are lost.
        My account has a bug: the {feature} only shows a blank page.
        The {feature} does not open any more since the redesign of the account area.
        I click on the {feature} of my account and it loads without end.
        ~ Account: {feature} broken, shows error.
    """),
)

REQUESTS["delivery", "shipping"] = dict(
    train=lines("""
        My parcel has not arrived yet, it should have been here on {date}. The order number is {order}.
        Where is the package for order {order}? Tracking has not moved for six days.
        The courier says that order {order} was delivered, but there is nothing at my door.
        Order {order} is late. Could you ask the courier where it is?
        I have been waiting for the parcel with order {order} for two weeks.
        According to the tracking page order {order} went to a town that I have never heard of. Where is it?
        The driver left a card without an address, and I still do not have order {order}. Where can my parcel be?
        Only one of the two packages of order {order} has come. When will the other one arrive?
        My neighbours do not have the parcel either, please find out where order {order} is.
        ~ Parcel for order {order} not arrived.
        ~ Order {order} late, tracking does not move.
    """),
    valid=lines("""
        The tracking page says delivered, but I never got the parcel with order {order}.
        When does the courier bring order {order}? It was promised for {date}.
        ~ Where is parcel, order {order}?
    """),
    test=lines("""
        It is two weeks since I paid, and the package with order {order} is still not here.
        Tracking says that the courier handed over order {order}, but nobody here has received it.
        Can you find out where my parcel is? It is order {order} and should have come on {date}.
        One package of order {order} is missing, when will it arrive?
        ~ Order {order}, parcel never came.
    """),
)

REQUESTS["delivery", "shop"] = dict(
    train=lines("""
        The gift card that I bought in your shop has not come by email, the order is {order}.
        I paid for an e-book in the shop and never got the download link for order {order}.
        Order {order} was a licence code, and after two days there is still nothing in my mailbox.
        When will the concert tickets from order {order} be in my mailbox?
        The shop says that order {order} is complete, but the download has not reached me.
        I have looked in the spam folder as well, the voucher code from order {order} is not there.
        My friend has not received the gift card that I sent her with order {order}.
        Where is the download for order {order}? The shop only shows a green tick.
        I am still waiting for the code of the game that I bought in your shop as order {order}.
        ~ Gift card, order {order}, not received.
        ~ No download link for order {order} yet.
    """),
    valid=lines("""
        Nothing has come by email since I bought the gift card in your shop, order {order}.
        I never received the licence code from order {order}, please check where it is.
        ~ Order {order}: e-book link missing.
    """),
    test=lines("""
        The shop took my payment, but the download link for order {order} is not in my mailbox.
        I am waiting for the gift card from order {order}, no email with the code has reached me.
        Can you check where my tickets are? I bought them in the shop as order {order} and got nothing.
        The e-book of order {order} has not come yet, not even in the spam folder.
        ~ Licence code for order {order} never came.
    """),
)

REQUESTS["invoice", "billing"] = dict(
    train=lines("""
        Please send me invoice {invoice} again, I cannot find it.
        I need a copy of invoice {invoice} for my tax return.
        Our company address on invoice {invoice} is wrong. Please issue a corrected one.
        Could you mail me invoice {invoice} as a PDF?
        The tax number is missing on invoice {invoice} and our accountant will not take it.
        My accountant asks for invoice {invoice}, the one for the yearly subscription.
        Invoice {invoice} is made out to my old company; kindly change the name on it.
        We have paid but never received invoice {invoice}.
        I would be glad to have invoice {invoice} on paper, for my files.
        ~ Need copy of invoice {invoice}.
        ~ Invoice {invoice} has wrong address, please correct.
    """),
    valid=lines("""
        The name on invoice {invoice} is not ours, we need a new one.
        May I have invoice {invoice} as a file, since the accountant asks for it?
        ~ Send invoice {invoice} as PDF.
    """),
    test=lines("""
        I have lost invoice {invoice} and would like to get a copy by email.
        Our accountant will not accept invoice {invoice}, because the address on it is wrong.
        For the tax return I still need invoice {invoice}, could you send it to me?
        Please correct the company name on invoice {invoice} and issue it again.
        ~ Invoice {invoice} missing, please mail PDF.
    """),
)

REQUESTS["invoice", "shop"] = dict(
    train=lines("""
        Please send me the invoice for order {order}.
        There was no invoice in the box of order {order}, and I need one for my employer.
        I bought a printer in your shop and need a proper invoice for order {order}.
        Can I get the invoice for order {order} with my company name on it?
        For the warranty I need a copy of the invoice, my order is {order}.
        The invoice for order {order} shows the wrong amount of tax, please correct it.
        Our accountant is missing the bill for order {order}. Kindly mail it to us as a PDF.
        I only have the payment slip of order {order}, the shop never sent an invoice.
        I would like the invoice of order {order} to be made out to my employer.
        ~ Invoice for order {order}, please.
        ~ No invoice with order {order}. Send PDF.
    """),
    valid=lines("""
        My employer pays for order {order}, so I need an invoice with the company name.
        Could the shop mail me a copy of the invoice that belongs to order {order}?
        ~ Order {order}, invoice missing.
    """),
    test=lines("""
        I have to hand in a proper invoice for order {order} at work, please mail me one.
        The shop sent order {order} without an invoice, could you mail it as a PDF?
        The tax on the invoice for order {order} is wrong and has to be corrected.
        For the warranty they want a copy of the bill, so please send the invoice of order {order}.
        ~ Please mail invoice, order {order}.
    """),
)

REQUESTS["invoice", "api"] = dict(
    train=lines("""
        Please send invoice {invoice} for our API usage once more.
        The number of API calls on invoice {invoice} does not match our logs, please correct it.
        We need a copy of invoice {invoice}, the one for our API calls in spring.
        Our API invoice {invoice} does not show the tax number.
        Finance cannot find the API bill for last month; it should be invoice {invoice}.
        Could you issue invoice {invoice} again, with API usage and support on separate lines?
        The API invoice with the number {invoice} went to a colleague who has left. Please mail it to me.
        I would like to have invoice {invoice} as a PDF, it covers the API calls of our test project.
        Kindly change the cost centre on invoice {invoice} for the API.
        ~ API invoice {invoice}, need copy.
        ~ Wrong API usage on invoice {invoice}. Please correct.
    """),
    valid=lines("""
        We never received invoice {invoice} for the API calls of last month.
        Our API bill, invoice {invoice}, has the wrong cost centre.
        ~ Send API invoice {invoice} again.
    """),
    test=lines("""
        Finance asks for a copy of the API invoice {invoice}, could you mail it?
        On invoice {invoice} you count more API calls than our logs show; please issue a corrected one.
        Invoice {invoice} is for our API usage, but our tax number is not on it, please correct that.
        I cannot find the bill for the API, please send invoice {invoice} as a PDF.
        ~ Please correct API invoice {invoice}.
    """),
)

REQUESTS["how_to", "app"] = dict(
    train=lines("""
        How do I {task} in the app?
        I have searched every menu of the app and cannot find out how to {task}.
        Could you explain to me how to {task} with your app?
        What are the steps to {task} in the app?
        Is there a way to {task} in the app? I did not find a button for it.
        My colleague says that one can {task} in the app. Where do I click?
        I am new to the app and would like to know how to {task}.
        The help page of the app does not tell me how to {task}, so can you?
        Which menu of the app lets me {task}?
        ~ App: how to {task}?
        ~ How can I {task} in app?
    """),
    valid=lines("""
        Please tell me how to {task}, I only have the app on my phone.
        Where in the app do I find the button to {task}?
        ~ Steps to {task} in app?
    """),
    test=lines("""
        I would like to {task} in the app but do not know how, please explain the steps.
        Can you tell me where to click in the app in order to {task}?
        We have just started with the app: how does one {task} there?
        I have read the help page twice and still do not know how to {task} in the app.
        ~ Where in app can I {task}?
    """),
)

REQUESTS["how_to", "account"] = dict(
    train=lines("""
        How do I {task} in my account?
        I want to {task} in my account and cannot find the right menu.
        Can you show me how to {task}? I have been through the whole account area.
        Please describe the steps to {task} in our company account.
        What do I have to do to {task} in my account?
        Where in the account area can I {task}?
        I am not good with computers. How does one {task} in an account like mine?
        Does my account allow me to {task}, and if so, how?
        It is not clear to me how to {task} in the account, a short guide would help.
        ~ How to {task} in account?
        ~ Account question: where to {task}?
    """),
    valid=lines("""
        I would like to know how to {task} in my account.
        Which page of my account do I need to {task}?
        ~ Account, how do I {task}?
    """),
    test=lines("""
        Could you give me a short guide on how to {task} in my account?
        I looked through all the menus of my account and do not see how to {task}.
        What is the right way to {task} in the account of our company?
        Please tell me where I can {task}, the account area is not clear to me.
        ~ Where in account can I {task}?
    """),
)

REQUESTS["how_to", "shipping"] = dict(
    train=lines("""
        How do I {task} with your courier?
        I need some help with shipping: how can I {task}?
        Your shipping page does not say how to {task}. Could you explain it?
        Before I pay for shipping I want to know how to {task}.
        What are the steps to {task}? I could not find them under shipping.
        Is it possible to {task}, and where on the shipping page do I do that?
        The courier told me to ask you how to {task}.
        I have never done it before: how does one {task} with your shipping service?
        Please explain where I can {task}, the delivery page confuses me.
        ~ Shipping: how to {task}?
        ~ How can I {task}? Delivery question.
    """),
    valid=lines("""
        A short note on how to {task} would help me, your delivery page is silent.
        Which shipping menu do I use to {task}?
        ~ Delivery help, how do I {task}?
    """),
    test=lines("""
        I do not understand the shipping page, how do I {task}?
        The driver could not tell me how to {task}, can you explain it?
        We would like to know what one has to do to {task} with your delivery service.
        Where on the delivery page is the button to {task}?
        ~ Shipping help: where to {task}?
    """),
)

REQUESTS["change_plan", "billing"] = dict(
    train=lines("""
        I am on the {old} plan and would like to move to the {plan} plan.
        Please upgrade me to the {plan} plan from next month.
        Can you switch our subscription to {plan}?
        We have grown and want to change from {lower} to the {plan} plan.
        The {old} plan does not fit any more, please put us on {plan}.
        I would like to change my plan to {plan} and pay once a year.
        Kindly move my subscription over to the {plan} plan when the current period ends.
        I want to downgrade my plan from {higher} to {plan} to save some money.
        Let me have the {plan} plan instead of {old}, please.
        ~ Switch plan to {plan}.
        ~ Change {old} plan to {plan} please.
    """),
    valid=lines("""
        My plan should be {plan} instead of {old}, please change it.
        Please upgrade our {lower} subscription to {plan}.
        ~ Move me to {plan} plan.
    """),
    test=lines("""
        Can you move us from the {old} plan to {plan} when the next month starts?
        I do not need all that {higher} has, so please downgrade my plan to {plan}.
        We would like to switch to the {plan} plan, {old} does not fit us any more.
        Please change my subscription so that I pay for {plan} instead of {old}.
        ~ Please upgrade plan, want {plan}.
    """),
)

REQUESTS["change_plan", "api"] = dict(
    train=lines("""
        Please move our API access to the {plan} plan.
        We hit the API limit of {lower} each week and want to upgrade to {plan}.
        Can you switch the API plan of our project from {old} to {plan}?
        Our API traffic has doubled, so we need the {plan} plan.
        I want to change the plan for the API to {plan}, the rest stays as it is.
        The API quota of {higher} is more than we use. Downgrade us to {plan}, please.
        Put our API project on the {plan} plan, please, {old} has the wrong limits.
        For the API we would like to have {plan} instead of {old}.
        Kindly upgrade the API contract to {plan} when the next period starts.
        ~ API plan: change to {plan}.
        ~ Upgrade API to {plan}.
    """),
    valid=lines("""
        The API limits of {lower} are too small for us, please upgrade to {plan}.
        We want our API plan to be {plan} and no longer {old}.
        ~ Switch API to {plan} plan.
    """),
    test=lines("""
        Our project needs more API calls than {lower} gives us, so please move us to {plan}.
        Could you change our API access from {old} to the {plan} plan?
        We use very little of the API quota in {higher} and would like to downgrade to {plan}.
        Please switch the contract for the API over to {plan}.
        ~ Want {plan} plan for API.
    """),
)

REQUESTS["change_plan", "app"] = dict(
    train=lines("""
        I subscribed in the app on {old} and want to switch to the {plan} plan.
        In the app I am on {old}. Please change that to the {plan} plan.
        Please upgrade my app from {lower} to {plan}.
        I use the app every day and would like to move to {plan}.
        Could you change the app on my phone from {old} to {plan}?
        The {higher} version of the app has more than I need, please downgrade me to {plan}.
        My wife and I share the app and want the {plan} plan instead of {old}.
        Kindly switch my app subscription to {plan} after the current month.
        I like the app so much that I want to upgrade to the {plan} plan.
        ~ App plan from {old} to {plan}.
        ~ Upgrade app to {plan} please.
    """),
    valid=lines("""
        I would like to have {plan} in the app, at present it is {old}.
        Please change the plan of my app to {plan}.
        ~ App: switch to {plan}.
    """),
    test=lines("""
        My app is still on {lower}, please upgrade it to {plan}.
        I want to pay for the {plan} plan in the app instead of {old}.
        Would you put my app on the {plan} plan? At the moment it is {old}.
        The app is useful, but {higher} is too much for me. Please change to {plan}.
        ~ Switch app plan to {plan} please.
    """),
)

# Nobody could say from these what is wanted, or it is nothing that support handles.
REQUESTS["unknown", "unknown"] = dict(
    train=lines("""
        It does not work, please help.
        Something is wrong and I do not know what to do.
        I have a problem with the thing I told you about the other day.
        Please call me back, I would rather explain it on the phone.
        Nothing happens when I try. What should I do?
        It is the same problem as last time.
        The attached screenshot shows it all.
        My wife told me to write to you about the matter, she knows the details.
        Do you have any job openings for students?
        I would like to thank {name} for the friendly talk last week.
        Is your office open on public holidays?
        I am writing a school paper about your company and have a few questions.
        We offer office plants at a good price and would like to visit you.
        Why does it always have to be so complicated?
        I got your message but I do not understand what you want from me.
        It stopped again, the same as before.
        Who won the football match last night?
        As discussed, I am writing to you about this.
        Can you recommend a hotel in {city}?
        I have a question, but I am not sure how to put it.
        ~ Does not work.
        ~ Help needed here.
        ~ Same problem again.
        ~ Please call me back.
        ~ See attached file.
    """),
    valid=lines("""
        I tried it several times and it just will not go.
        Could someone phone me? It is hard to put into words.
        Are you looking for a partner for your summer party?
        What you told me last time did not help at all.
        ~ Broken again, sorry.
        ~ Look at the picture.
    """),
    test=lines("""
        There is a problem and I have no idea what it is, please help me.
        I tried what you told me, but nothing has changed.
        Would you phone me about the matter we discussed?
        Please look at the screenshot, it says everything.
        Is there a job for my daughter in your office this summer?
        We sell office furniture and would like to show it to you.
        It happened again, just like the other day.
        Do you know a good restaurant near {city}?
        Thank you for the nice talk on the phone with {name}.
        ~ It will not work.
        ~ Still the same problem.
        ~ Help, nothing works.
    """),
)

# ------------------------------------------------------------------ urgency: level -> split -> cues

URGENCY = {}

# Urgent by its own words, a deadline of today or tomorrow, or work that stands still.
URGENCY["high"] = dict(
    train=lines("""
        This is very urgent for us.
        I need this solved today.
        Please deal with it as soon as possible.
        = Our production is down because of this.
        The deadline is tomorrow morning.
        = We cannot work until this is sorted out.
        It has to be done before tonight.
        Please treat this as an emergency.
        I need an answer within the hour.
        = Our whole team is blocked by this.
        = We are losing money every minute.
        Please act immediately.
        I leave for a trip tomorrow, so I need it by then.
        This cannot wait until next week.
        = Everything has come to a standstill here.
        We have an audit tomorrow and need it before that.
        Please give it top priority.
        I must have it settled by five o'clock today.
        = All our work has stopped.
        It is a matter of hours, not days.
        It is urgent, so please answer today.
        Please help me at once, it is urgent.
        We need a solution today.
        My boss wants this settled by tomorrow.
        Today is the last day for it.
        The deadline ends tonight at midnight.
        It should be at the top of your list.
        I need it immediately.
        Tomorrow will be too late for me.
        It has to be ready before five o'clock.
        We have an important meeting tomorrow morning, so please solve it by then.
        Please act today, it is an emergency.
        = The whole company stands still because of this.
        = We lose customers with every minute.
        = This blocks all of our work.
        ~ Urgent!
        ~ ASAP please.
        ~ Needed today.
        = ~ Production is down.
        ~ Deadline tomorrow.
        ~ High priority.
        ~ Immediately, please.
        ~ Extremely urgent.
        ~ Answer today please.
        ~ Cannot wait.
        ~ Emergency!
    """),
    valid=lines("""
        The matter is urgent, our deadline is today.
        = It is really urgent, because all work has stopped here.
        I need it done by tomorrow at noon.
        = Nobody in our company can work like this.
        We need you to act within the next hour.
        ~ Very urgent.
        ~ Needed by tonight.
    """),
    test=lines("""
        We need an answer today, please.
        Please solve this immediately, it is urgent.
        Our deadline is tonight.
        = All work here has come to a stop because of this.
        It must be settled by tomorrow morning.
        = Production is at a standstill, so please act as soon as possible.
        I have to have this sorted out before five o'clock today.
        Please put it at the top of your list, it is an emergency.
        = This blocks our whole company.
        It cannot wait, tomorrow is too late.
        = We lose money with every hour.
        ~ Really urgent.
        ~ Need it today.
        ~ Top priority please.
        ~ Wanted by tomorrow.
    """),
)

# It says that it can wait.
URGENCY["low"] = dict(
    train=lines("""
        There is no rush.
        Take your time, it is not urgent.
        Whenever you find the time is fine.
        It can wait until next week.
        No hurry at all from my side.
        This is not important, so please do other things first.
        Answer when it suits you.
        It is only a small thing and has low priority.
        I am in no hurry.
        Next month would be early enough.
        You can leave it until things are quieter on your side.
        Please do not drop anything else for this.
        It does not matter if it takes a few weeks.
        = I can live with it for a while.
        There is plenty of time.
        I will not need it before the summer.
        Any time in the coming weeks will do.
        Do it when you have a free minute.
        Other people surely need you more than I do, so put me last.
        It is far from urgent.
        There is no need to hurry.
        This can wait, it is not urgent.
        A reply in a few weeks is fine with me.
        It is not urgent, some day next week is fine.
        You do not have to rush.
        I have time until next month.
        Please take as much time as you like.
        Leave it for a day when you are less busy.
        No rush from our side, some time next month will do.
        We give it a low priority.
        It is all right if it takes some time.
        I am happy to wait a little.
        Please do the urgent things of others first.
        You have all the time in the world for this.
        = We can live with it until the summer.
        ~ No rush.
        ~ Not urgent.
        ~ Low priority.
        ~ Can wait.
        ~ Whenever convenient.
        ~ Time enough.
        ~ No need to hurry.
        ~ Next month is fine.
    """),
    valid=lines("""
        It is not pressing, so take your time.
        Next week is early enough for me.
        I do not mind if the answer takes a while.
        Do not rush, please.
        Look at it when you have time.
        ~ No hurry.
        ~ Any time is fine.
    """),
    test=lines("""
        This is not urgent at all.
        Please take all the time you need.
        There is no hurry on our side.
        It can wait for a few weeks.
        I do not need it before next month.
        Just answer when you find a free minute.
        No need to rush, it is a small thing.
        It has a low priority for me.
        Whenever it suits you is early enough.
        = We have found a way around it, so there is no hurry.
        Leave it until you are less busy.
        ~ Not in a hurry.
        ~ Take your time.
        ~ Low priority for us.
        ~ No rush at all.
    """),
)

# ------------------------------------------------------------------ everything around the request

# Sentences that fit any request and say nothing about area or urgency.
CONTEXT = dict(
    train=lines("""
        I have been a customer for {years} years.
        I am writing on behalf of my colleague {name}, who is ill.
        We are a small bakery in {city}.
        I first wrote to you on {date}.
        My colleague {name} has already spoken with somebody from your team.
        I have read the help pages and found nothing.
        We moved to {city} in spring.
        I could not find a phone number on your site.
        < I hope that this is the right place to ask.
        < It is the first time that I write to you.
        A friend in {city} recommended you to me.
        I tried your chat, but nobody answered.
        My English is not perfect, I hope you understand me.
        I teach at a school in {city} and write this between two lessons.
        > You can reach me on weekdays after four.
        > I work night shifts, so email is best for me.
        There are five of us in the office.
        So far I have been quite content with you.
        I was on the phone with {name} on {date}.
        I am writing from my holiday in {city}.
        > Everything else runs well, I should add.
        > I asked my son first, he had no idea either.
        Our club has used you since it was founded.
        > Sorry if you get this message twice.
        > The weather in {city} is awful, by the way.
        I run a flower stand with my sister.
        Last year you helped me very well with something else.
        > You will find my details in your records.
        I took over this job from {name} in autumn.
        I am new in this job and not used to such things.
        > Your colleague in {city} could not tell me more.
        > I asked in your forum, without luck.
        > My wife usually takes care of these things.
        We sell cheese at the market in {city}.
        < I have written to you before, but never about this.
        My desk neighbour {name} says that you are the right people to ask.
        I am the treasurer of a small sports club.
        The line was busy all morning on {date}.
        I studied in {city} and have used you since then.
        > You have my phone number on file.
    """),
    valid=lines("""
        We have known your firm for many years.
        I am asking for a colleague at the next desk.
        My last message to you was on {date}.
        The person I talked to was called {name}.
        > I live in {city}, if that matters.
        < I looked through the forum before I wrote this.
        I am an old customer of yours.
        Our firm has nine employees.
        < I do hope I have come to the right person.
        > In the evening I am easy to reach.
    """),
    test=lines("""
        It has been {years} years since I became a customer.
        I am writing for a colleague who is on leave.
        We run a small hotel near {city}.
        On {date} I sent you a message about this and got no answer.
        {name} from your team asked me to write.
        Your help pages did not answer my question.
        I live near {city} with my family.
        < Sorry if I am writing to the wrong team.
        < I have never had to ask you for anything before.
        My sister told me to try it by email.
        > In the chat nobody could tell me more.
        English is not my first language.
        > You may also phone me at home.
        > Apart from this all is well.
        > I talked to {name} on the phone about it.
        I am travelling near {city}, so please write to me by email.
        We are a club with thirty members.
        > You already have my details.
        < It is my first message to your team.
        My boss asked me to write to you.
        > By the way, I like your new logo.
        > The young man in {city} did not know either.
    """),
)

ANGRY = dict(
    train=lines("""
        This is ridiculous!
        I am really fed up with you.
        What kind of service is that?
        I have never seen anything so badly run!
        Nobody answers, nobody cares!
        I am losing my patience.
        Do you even read what people write to you?
        It is a disgrace.
        You should be ashamed of yourselves!
        I have had enough of your excuses.
        > How hard can it be?
        > I will tell everyone about this.
        > Such a mess, really.
        I am very angry about the way you treat me.
        Three times I have asked, three times nothing!
        Worst support I have ever had.
    """),
    valid=lines("""
        I am furious.
        > This is a joke, is it not?
        Your service gets worse each year.
        I have asked you twice for nothing!
        Unbelievable!
    """),
    test=lines("""
        This is really too much!
        I am very angry with your company.
        Does anybody there read these messages?
        I have never had such bad service.
        > What a mess!
        You do not seem to care at all.
        I am fed up with empty excuses.
        Enough is enough!
        > I am telling all my friends how you treat people.
    """),
)

POLITE = dict(
    train=lines("""
        < I am sorry to trouble you with this.
        < Please forgive me if this has been asked before.
        < I know that you must get a great many messages, so let me thank you in advance for reading mine.
        < Let me say first that I have always enjoyed being your customer, and that nothing in this letter is meant as a reproach.
        < I thought about it for a while before I decided to write to you.
        > Perhaps I have overlooked something, in which case I apologise.
        > My husband says that I worry too much, but I would still rather ask.
        > If you need anything else from me, I will gladly send it.
        > I would be truly grateful for your help.
        > It would mean a lot to me if you could look into this.
        > I trust that you will find a good solution, as you always have.
        > Your kind colleague {name} was such a help to me last winter, please pass on my greetings.
        I have told my whole family in {city} how patient your people are.
        > I do not want to blame anybody, mistakes happen to all of us.
        I can imagine that your job is not always easy.
    """),
    valid=lines("""
        < It is not my habit to complain, and I do not mean this letter as a complaint.
        > I would be much obliged if one of you had a look at this.
        > Should anything be unclear, I am happy to explain it again.
        > Please excuse the long letter.
    """),
    test=lines("""
        < Please excuse me for troubling you with such a thing.
        < You surely have a lot to do, and so I am all the more grateful that you read this.
        > It may well be that I have overlooked something, and then I am sorry.
        I have always enjoyed the way you treat your customers, and I do not want to blame anyone.
        < My family says that I should simply ask, and so I do.
        > I would be very thankful if you could have a look.
        > I will gladly send you anything else that you need.
        > Last winter {name} was so patient with me, please give my regards.
    """),
)

CHATTY = dict(
    train=lines("""
        < no idea what is going on tbh
        > would be great if you could help me out
        you guys are usually super nice so fingers crossed
        < sorry for the wall of text lol
        > hope that makes sense
        > kinda annoying but oh well
        typing this on the bus btw
        > lemme know if you need more info
        > anyway that is my story
        > my cat sends her love haha
    """),
    valid=lines("""
        < hope you can help me here
        > bit weird tbh
        > tell me if something is unclear ok
        > anyhow that is all from me
    """),
    test=lines("""
        > would be super nice if you could help
        < not sure what is going on here lol
        > let me know if anything is missing
        > so yeah that is my little story haha
        > bit annoying tbh but oh well
        typing this in bed btw
    """),
)

# Up to three words may stand in every split; anything longer stands in one.
GREETINGS = with_shared(
    shared=["Hello,", "Hi,", "Hi there,", "Good morning,", "Good afternoon,", "Dear team,", "Hello everyone,"],
    train=["Hello to the support team,", "Good day to you all,", "Hello,\nI hope this message finds you well."],
    valid=["Hello,\nI do hope that you are all in good health."],
    test=["Hello to all of you,", "Hello,\nI hope that you and your colleagues are well."],
)
FORMAL_GREETINGS = with_shared(
    shared=["Dear team,", "Dear support team,", "Dear all,"],
    train=["Dear Sir or Madam,", "Dear ladies and gentlemen,", "Dear members of the service team,"],
    valid=["Dear customer service people,"],
    test=["To whom it may concern,", "Dear Madam, dear Sir,"],
)
CHATTY_GREETINGS = with_shared(
    shared=["hey", "hi", "hey there", "hi guys", "heya", "hello"],
    train=["hey hey lovely support people"],
    valid=["hi dear folks over there"],
    test=["hey you nice support folks"],
)
CLOSINGS = with_shared(
    shared=["Thanks,", "Thank you,", "Best,", "Regards,", "Many thanks,", "Best wishes,", "Cheers,"],
    train=["Thanks a lot in advance,", "With thanks for your trouble,", "All the best to everyone,"],
    valid=["Thank you for your time,"],
    test=["Thanks again for your help,", "Have a good day, yours,"],
)
FORMAL_CLOSINGS = with_shared(
    shared=["Kind regards,", "Yours faithfully,", "Yours sincerely,", "Best regards,"],
    train=["I look forward to hearing from you.\nYours sincerely,", "Thank you very much in advance.\nKind regards,"],
    valid=["Thank you for looking into it.\nRegards,"],
    test=["I look forward to your answer.\nYours faithfully,", "Let me thank you for your efforts.\nBest regards,"],
)
HEADERS = dict(
    train=lines("""
        Fwd: message from {name}
        Subject: Fwd: please have a look
        Subject: Re: our talk of {date}
        Subject: short note from {city}
        Fwd: customer mail, see below
        Subject: for the support team
        From: {name}{newline}Subject: request
        From: {name}{newline}Subject: my message of {date}
    """),
    valid=lines("""
        Subject: Re: my last letter
        Fwd: mail of {name} for you
        From: {name}{newline}Subject: hello
    """),
    test=lines("""
        Fwd: note by {name}
        Subject: Re: what we discussed on {date}
        From: {name}{newline}Subject: please read
        Subject: Fwd: this is for you
        Fwd: mail from {city}, see below
    """),
)
# They stand between two requests, so that the second one is plainly the second.
CONNECTORS = with_shared(
    shared=["Also:", "One more thing:", "Second:", "Another thing:", "Besides that:"],
    train=["I have a second request as well:", "While I am writing to you anyway:"],
    valid=["There is something else, too:"],
    test=["And here is my second request:", "There is also another thing:"],
)
CONNECTORS["terse"] = ["Also:", "Second:", "And:", "Then:"]

# ------------------------------------------------------------------ what goes into the slots

# Closed vocabulary, the same in every split: a model has to know these words.
PLANS = ["Basic", "Plus", "Pro", "Team", "Business"]  # from small to large
DEVICES = ["iPhone", "iPad", "Pixel", "Galaxy", "Xperia", "MacBook"]
BROWSERS = ["Chrome", "Firefox", "Safari", "Edge", "Opera"]
YEARS = ["two", "three", "four", "five", "six", "seven", "eight", "nine"]
FEATURES = dict(
    app=["export button", "dark mode", "calendar sync", "photo upload",
         "barcode scanner", "offline mode", "voice search", "reminder list"],
    api=["search endpoint", "orders endpoint", "upload endpoint", "export endpoint",
         "batch endpoint", "payment webhook", "stock webhook", "status webhook"],
    shop=["voucher field", "wish list", "size filter", "cart page",
          "checkout form", "product search", "gift option", "review form"],
    account=["profile page", "address book", "settings page", "avatar upload",
             "language switch", "user list", "contact form", "activity log"],
)
TASKS = dict(
    app=["turn on dark mode", "share a folder", "export a report", "scan a receipt",
         "set a reminder", "sync a calendar", "print a list", "record a voice note"],
    account=["change the email address", "add a second user", "change the password", "set up security codes",
             "change the display name", "upload a picture", "remove an old device", "switch the language"],
    shipping=["change the delivery address", "return a parcel", "choose a pickup point", "track a parcel",
              "print a return label", "book evening delivery", "send a parcel abroad", "add a delivery note"],
)

# Open vocabulary: no name and no town stands in two splits. (Numbers and dates: see `owner` in generate.py.)
FIRST_NAMES = dict(
    train="""Anna Ben Carla Dmitri Elif Farah Goran Hanna Ivan Julia Karim Lena Marco Nadia Oskar Paula Rafael Sofia
        Tomas Uma Vera Walid Yusuf Zoë José Chloé Łukasz Jürgen""".split(),
    valid="Amir Brigitte Conrad Daria Emil Fatima Günther Renée".split(),
    test="""Agnes Boris Celine Dario Esther Filip Greta Hassan Ingrid Jonas Katya Leon Mona Nils André Zoltán
        Søren Tülay""".split(),
)
LAST_NAMES = dict(
    train="""Albers Brandt Costa Dimitrov Evans Ferrari Green Hoffmann Ivanova Jansen Kaya Lopez Murphy Novak Okafor
        Petrov Quinn Rossi Schmidt Taylor Ueda Vogel Wagner Young Müller Núñez Kovač Åberg""".split(),
    valid="Aydin Berger Chen Doyle Eriksen Fuchs Gómez Hübner".split(),
    test="""Arnold Becker Cohen Duarte Egger Fischer Grant Huber Ito Jovanović Klein Larsen Mbeki Nowak Orsini
        Peeters Röder Sánchez""".split(),
)
CITIES = dict(
    train="""Hamburg Lisbon Dublin Krakow Lyon Ghent Turin Malmö Zürich Leeds Bergen Porto Graz Aarhus
        Valencia Łódź""".split(),
    valid="Bristol Antwerp Köln Tartu Nantes".split(),
    test="Utrecht Glasgow Bilbao Gdańsk Basel Münster Cork Trieste Odense Uppsala".split(),
)
EMOJI = ["🙂", "🙏", "😕", "😬", "👋", "🤷", "😅", "🤔", "😊", "✨"]
