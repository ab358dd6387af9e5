#!/usr/bin/env python3
"""privacy_set_f: an independent labelled test set for a detector of personal data and secrets.

A deterministic generator of synthetic documents (support tickets, chats, e-mails, exports,
contracts, letters, logs, configuration, code, transcripts ...) in which every value of the
labelled types is known by construction. All people, numbers and keys are drawn at random;
check digits are computed by the published rules and verified again by separate check
functions on every run, and the rest of every text is searched for values that would be
valid by accident (the document is drawn again when one is found).

The author of this set had NOT seen the detector it is meant to test, nor any other
author's set.

  python3 privacy_set_f.py --seed 31 --documents 1400 --hard 600 [--stats]

prints one JSON object per line: {"id", "template", "language", "register", "hard", "text",
"spans": [[start, end, type], ...]} (offsets in characters, end exclusive). --documents is
the number of documents with labels, --hard the number of further documents that hold
nothing to be labelled but things that look like it. --stats prints counts to stderr.
"""
import argparse, base64, collections, datetime, hashlib, ipaddress, json, random, re, sys, unicodedata

TODAY = datetime.date(2025, 6, 15)
DIG = "0123456789"
UP = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOW = UP.lower()
ALNUM = UP + LOW + DIG
HEX = "0123456789abcdef"

LANG = dict(us="en", uk="en", au="en", ca="en", ie="en", de="de", at="de", ch="de", fr="fr", es="es",
            it="it", nl="nl", pt="pt", br="pt", pl="pl", se="sv", fi="fi", dk="da", no="no", cz="cs")
LANG["in"] = "en"

# --------------------------------------------------------------------------- names
_N = {
"us": ("James Michael Tyler Brandon Kevin Marcus Darnell Jason Ethan Luis Greg Nathan",
       "Ashley Jennifer Megan Brittany Keisha Rachel Danielle Amber Lauren Maria Emily Tara",
       "Johnson Williams Carter Nguyen Ramirez Brooks Sullivan Patterson Hughes Coleman Reyes Foster Whitaker Delgado Bennett Hoffman Pruitt Lawson Mendez Kowalski"),
"uk": ("Oliver Harry Callum Gareth Imran Stuart Alistair Dominic Rhys Nigel Jamie Tom",
       "Charlotte Sophie Gemma Priya Fiona Bethan Holly Zara Joanne Hannah Eleanor Kirsty",
       "Thompson Patel Wright Davies Hussain Campbell Robertson Ward Chapman Begum Fletcher Barnes Griffiths Murray Okafor Hargreaves Lloyd Sinclair Bailey Cartwright"),
"in": ("Rahul Arjun Vikram Suresh Amit Karthik Rohan Sanjay Imtiaz Deepak Manoj Nikhil",
       "Priya Ananya Kavita Sneha Meera Pooja Lakshmi Divya Fatima Neha Shreya Swati",
       "Sharma Iyer Reddy Patel Nair Gupta Singh Menon Banerjee Chatterjee Desai Kulkarni Khan Joshi Rao Pillai Mehta Verma Mishra Bhat"),
"au": ("Jack Lachlan Cooper Mitchell Angus Brayden Damien Liam Hamish Darren Joel Bruce",
       "Matilda Chloe Georgia Tahlia Kylie Bronte Imogen Jacinta Madison Shannon Tegan Narelle",
       "Mitchell Kelly McDonald Tran Harrison Papadopoulos Walsh Nguyen Fraser O'Connor Rossi Gallagher Hayes Pearce Dawson Burke Stewart Lowe Marsh Whitlam"),
"ca": ("Liam Noah Mathieu Connor Jordan Ravi Dylan Owen Etienne Graham Trevor Wesley",
       "Olivia Chantal Amelia Simran Madeleine Heather Claire Brianna Janelle Sarah Avery Nadia",
       "Tremblay MacDonald Singh Gagnon Fraser Chen Leblanc Campbell Roy Morrison Kaur Bouchard Reid Sinclair Dhillon Lavoie Murphy Wong Grant Pelletier"),
"ie": ("Sean Conor Padraig Eoin Cian Declan Ronan Brendan Fergal Darragh Oisin Niall",
       "Aoife Siobhan Niamh Ciara Orla Grainne Sinead Roisin Maeve Deirdre Emer Clodagh",
       "Murphy Kelly Byrne Ryan O'Sullivan Walsh Doyle McCarthy Gallagher Doherty Kennedy Lynch Quinn Nolan Brennan Fitzgerald Keane Hogan Moran Healy"),
"de": ("Lukas Jonas Stefan Thomas Jürgen Matthias Felix Tobias Mehmet Uwe Sebastian Dieter",
       "Anna Lena Sabine Katharina Petra Julia Heike Ayşe Monika Franziska Miriam Jana",
       "Müller Schmidt Schneider Fischer Weber Wagner Becker Schäfer Koch Richter Yılmaz Neumann Krüger Hofmann Lange Vogel Brandt Köhler Winkler Peters"),
"at": ("Florian Andreas Manuel Wolfgang Gernot Michael Lorenz Johannes Reinhard Dominik",
       "Magdalena Elisabeth Sophie Verena Theresa Brigitte Johanna Martina Carina Eva",
       "Gruber Huber Bauer Wagner Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Schwarz Egger Haas Novak Wieser Lang Aigner"),
"ch": ("Urs Reto Beat Nico Luca Marcel Simon Pascal Andri Daniel",
       "Regula Nadine Corinne Sandra Livia Barbara Seraina Nicole Flurina Ursina",
       "Meier Keller Brunner Zimmermann Frei Baumann Gerber Graf Wyss Roth Suter Kunz Aebi Bühler Lüthi Ammann Hürlimann Zbinden Egli Gasser"),
"fr": ("Julien Nicolas Antoine Mathieu Karim Sébastien Guillaume Thierry Olivier Baptiste Hugo Loïc",
       "Camille Aurélie Sophie Nadia Élodie Chloé Virginie Manon Hélène Isabelle Léa Fatou",
       "Martin Bernard Dubois Moreau Laurent Lefèvre Roux Fournier Girard Mercier Benali Faure Rousseau Blanchard Guérin Chevalier Perrin Diallo Marchand Renaud"),
"es": ("Javier Carlos Alejandro Pablo Sergio Manuel Iker Álvaro Rubén Jordi Miguel Andrés",
       "Lucía Marta Carmen Laura Ainhoa Cristina Paula Elena Beatriz Nuria Rocío Montse",
       "García Fernández López Martínez Sánchez Gómez Ruiz Navarro Romero Torres Iglesias Molina Ortega Vidal Castro Serrano Peña Herrero Cano Prieto"),
"it": ("Marco Luca Alessandro Matteo Giuseppe Davide Stefano Simone Paolo Francesco Enrico Antonio",
       "Giulia Francesca Chiara Valentina Elisa Martina Silvia Federica Paola Sara Ilaria Alessia",
       "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Fontana Moretti Barbieri Lombardi Rinaldi Caruso Ferrara"),
"nl": ("Daan Sem Pieter Jeroen Bram Willem Joost Youssef Sander Maarten Ruben Kees",
       "Sanne Lotte Femke Anouk Marijke Fatima Eline Maaike Iris Esther Roos Ingrid",
       "Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Kuipers Veenstra Postma Schouten Hoekstra Willems Prins"),
"pt": ("João Miguel Tiago Rui Pedro Nuno Gonçalo Diogo André Hugo",
       "Inês Mariana Catarina Rita Sofia Joana Teresa Marta Beatriz Filipa",
       "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Marques Almeida Pinto Carvalho Teixeira Moreira Correia Mendes Nunes"),
"br": ("Lucas Gabriel Rafael Thiago Felipe Bruno Anderson Wesley Leandro Caio Gustavo Marcelo",
       "Juliana Fernanda Camila Larissa Patrícia Aline Beatriz Tatiane Vanessa Letícia Bianca Renata",
       "Silva Souza Oliveira Lima Pereira Ribeiro Almeida Barbosa Rocha Carvalho Nascimento Araújo Cardoso Teixeira Moraes Freitas Batista Campos Duarte Monteiro"),
"pl": ("Piotr Krzysztof Tomasz Paweł Michał Jakub Marcin Łukasz Grzegorz Wojciech Kamil Rafał",
       "Anna Katarzyna Małgorzata Agnieszka Magdalena Joanna Zofia Natalia Ewa Karolina Monika Aleksandra",
       "Nowak Wójcik Mazur Krawczyk Kaczmarek Zając Król Wieczorek Dudek Pawlak Sikora Baran Szewczyk Kubiak Wrona Bąk Czarnecka Jaworska Adamczyk Gołębiowska"),
"se": ("Erik Johan Anders Oskar Viktor Gustav Magnus Henrik Emil Fredrik Mohamed Lars",
       "Emma Anna Linnea Ebba Karin Sofia Maja Elin Johanna Ingrid Frida Sara",
       "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Lindberg Lindqvist Bergström Sandberg Forsberg Nyström Wallin Ekström Hedlund Sjöberg Åkesson Öberg"),
"fi": ("Mikko Juha Antti Jukka Ville Eero Janne Timo Sami Lauri Petri Kalle",
       "Anna Liisa Päivi Hanna Sanna Kaisa Tuula Emilia Marja Johanna Riikka Aino",
       "Korhonen Virtanen Mäkinen Nieminen Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen Saarinen Salminen Niemi Heinonen Kinnunen Salonen Rantanen Turunen Ojala Laaksonen"),
"dk": ("Mads Frederik Lars Rasmus Søren Kasper Jeppe Morten Anders Niels",
       "Mette Freja Camilla Louise Signe Kirsten Maja Trine Ida Line",
       "Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Møller Holm Kjær Bech Lund Dahl Friis Østergaard Skov Thomsen Bjerre"),
"no": ("Lars Ole Magnus Sindre Håkon Eirik Kristian Jonas Terje Øyvind",
       "Ingrid Silje Nora Marte Hilde Kristin Solveig Ida Tonje Ragnhild",
       "Hansen Johansen Olsen Larsen Andersen Nilsen Kristiansen Berg Haugen Hagen Bakken Strand Solberg Moen Lie Dahl Lund Eide Sæther Myhre"),
"cz": ("Jan Petr Tomáš Martin Jakub Ondřej Lukáš David Jiří Michal",
       "Jana Lucie Tereza Eva Kateřina Petra Markéta Veronika Hana Alena",
       "Novák Svoboda Dvořák Černý Procházka Kučera Veselý Horák Němec Pokorný Marek Jelínek Růžička Beneš Fiala Sedláček Doležal Zeman Kolář Šimek"),
}
NAMES = {k: tuple(x.split() for x in v) for k, v in _N.items()}
COMPANIES = {
"en": "Northwind Logistics|Bluefern Software|Harbour & Finch|Kestrel Analytics|Oakline Dental|Redwing Couriers|Pinecrest Realty|Lumora Health|Ironbridge Tools|Copperleaf Insurance|Quillmark Publishing|Sunridge Energy|Tidewater Marine|Fernhill Vets|Brightpath Tutors",
"de": "Nordlicht Logistik GmbH|Müllerbach Bau GmbH|Seeblick Immobilien|Tannenhof Apotheke|Kranich Software GmbH|Weißdorn Versand|Rheinkontor AG|Alpenblick Reisen|Hafenwerk Elektro|Sternberg Dental",
"fr": "Atelier Bellerive|Transports Vauquier|Clinique des Tilleuls|Horizon Numérique|Maison Delorme|Assurances Valmont|Cabinet Sérigny|Librairie du Pont|Électro Garonne",
"es": "Logística Montealto|Clínica Los Olivos|Grupo Arenal|Talleres Bidasoa|Seguros Almenara|Editorial Faro|Ferretería Robledo|Inmobiliaria Costa Sur|Tecnalba",
"it": "Officine Valtorta|Studio Dentistico Sereni|Trasporti Lariani|Assicurazioni Torreggio|Cantina Montelupo|Edilnova|Informatica Brenta|Farmacia San Rocco",
"nl": "Waterlelie Zorg|Van Doorn Transport|Polderbouw BV|Zonnepunt Energie|De Linde Makelaars|Kade 9 Software|Molenwijk Fietsen|Duinzicht Verzekeringen",
"pt": "Transportes Serrano|Clínica Boa Vista|Imobiliária Horizonte|Padaria Estrela|Seguros Atlântida|Informática Tejo|Construtora Ipê|Farmácia Central",
"pl": "Kwiatex|Transbud Wisła|Przychodnia Zdrowie|Biuro Rachunkowe Saldo|Elektro-Hurt|Wydawnictwo Sowa|Nieruchomości Parkowe|Softmaj",
"sv": "Björkhaga Bygg|Norrsken IT|Sjöviken Vårdcentral|Tallbacken Fastigheter|Lingon Logistik|Fyren Försäkring",
"fi": "Koivula Rakennus|Revontuli Ohjelmistot|Järvenranta Kiinteistöt|Metsätähti|Pohjola Kuljetus|Lumi Vakuutus",
"da": "Bøgeskov Byg|Havnens VVS|Fjordblik Ejendomme|Nordkap Software|Lyng Transport",
"no": "Fjellheim Bygg|Nordvik Regnskap|Skogstad Tannklinikk|Havblikk Eiendom|Brisk Data",
"cs": "Stavby Lípa|Autodoprava Jizera|Zubní Centrum Orlík|Kamenka Software|Reality Podhradí",
}
COMPANIES = {k: v.split("|") for k, v in COMPANIES.items()}
FREEMAIL = dict(us="gmail.com yahoo.com outlook.com icloud.com comcast.net aol.com", uk="gmail.com btinternet.com hotmail.co.uk sky.com outlook.com",
  au="gmail.com bigpond.com optusnet.com.au outlook.com", ca="gmail.com rogers.com shaw.ca hotmail.com", ie="gmail.com eircom.net hotmail.com",
  de="gmx.de web.de t-online.de gmail.com posteo.de freenet.de", at="gmx.at aon.at gmail.com", ch="bluewin.ch gmx.ch gmail.com hispeed.ch",
  fr="orange.fr free.fr laposte.net gmail.com wanadoo.fr", es="gmail.com hotmail.es telefonica.net yahoo.es", it="libero.it gmail.com virgilio.it tiscali.it",
  nl="ziggo.nl gmail.com kpnmail.nl xs4all.nl", pt="sapo.pt gmail.com hotmail.com", br="gmail.com uol.com.br hotmail.com bol.com.br",
  pl="wp.pl onet.pl gmail.com interia.pl o2.pl", se="gmail.com telia.com hotmail.se", fi="gmail.com luukku.com kolumbus.fi", dk="gmail.com mail.dk hotmail.com",
  no="online.no gmail.com", cz="seznam.cz email.cz gmail.com")
FREEMAIL["in"] = "gmail.com rediffmail.com yahoo.co.in outlook.com"
TLD = dict(us="com com io", uk="co.uk com", au="com.au", ca="ca", ie="ie", de="de", at="at", ch="ch", fr="fr", es="es", it="it", nl="nl", pt="pt", br="com.br",
           pl="pl", se="se", fi="fi", dk="dk", no="no", cz="cz")
TLD["in"] = "in co.in"

# ------------------------------------------------------------------------ addresses
def _c(s):
    return [tuple(x.split("/")) for x in s.split("|")]
CITIES = {
"us": _c("Austin/TX/787##|Columbus/OH/432##|Portland/OR/972##|Raleigh/NC/276##|Phoenix/AZ/850##|Chicago/IL/606##|Seattle/WA/981##|Albany/NY/122##|Boise/ID/837##|Tampa/FL/336##|Denver/CO/802##|Madison/WI/537##"),
"uk": _c("Leeds//LS# #@@|Bristol//BS# #@@|Manchester//M1# #@@|London//SW1# #@@|Norwich//NR# #@@|Cardiff//CF1# #@@|Edinburgh//EH# #@@|Sheffield//S1# #@@|Brighton//BN# #@@|York//YO1# #@@|London//E# #@@"),
"ie": _c("Cork//T12 @#@@|Dublin 6//D06 @#@#|Galway//H91 @#@@|Limerick//V94 @#@@|Dublin 2//D02 @@##|Sligo//F91 @#@@"),
"in": _c("Bengaluru/Indiranagar/5600##|Mumbai/Bandra West/4000##|Pune/Kothrud/4110##|Chennai/T. Nagar/6000##|Hyderabad/Banjara Hills/5000##|New Delhi/Lajpat Nagar/1100##|Kolkata/Salt Lake/7000##|Ahmedabad/Navrangpura/3800##"),
"au": _c("Surry Hills/NSW/201#|Fitzroy/VIC/306#|West End/QLD/410#|Subiaco/WA/600#|Norwood/SA/506#|Newtown/NSW/204#|Hobart/TAS/700#|Braddon/ACT/261#"),
"ca": _c("Toronto/ON/M6H #@#|Vancouver/BC/V5K #@#|Calgary/AB/T2P #@#|Ottawa/ON/K1S #@#|Halifax/NS/B3H #@#|Winnipeg/MB/R3C #@#|Montreal/QC/H2X #@#"),
"de": _c("Köln//506##|Berlin//104##|Hamburg//203##|München//803##|Leipzig//042##|Stuttgart//701##|Dortmund//441##|Freiburg im Breisgau//791##|Bremen//282##|Nürnberg//904##|Frankfurt am Main//603##|Mainz//551##"),
"at": _c("Wien//1##0|Graz//801#|Salzburg//502#|Linz//402#|Innsbruck//602#|Klagenfurt//902#"),
"ch": _c("Zürich//800#|Bern//301#|Basel//405#|Luzern//600#|Winterthur//840#|St. Gallen//900#|Chur//700#"),
"fr": _c("Lyon//6900#|Paris//7501#|Nantes//44000|Toulouse//31000|Lille//59000|Bordeaux//33000|Rennes//35000|Strasbourg//67000|Grenoble//38000|Montpellier//34000"),
"es": _c("Madrid//280##|Barcelona//080##|Sevilla//410##|Valencia//460##|Zaragoza//500##|Bilbao//480##|Málaga//290##|Granada//180##"),
"it": _c("Milano/MI/201##|Roma/RM/001##|Torino/TO/101##|Bologna/BO/401##|Firenze/FI/501##|Napoli/NA/801##|Padova/PD/351##|Genova/GE/161##"),
"nl": _c("Amsterdam//101# @@|Utrecht//351# @@|Rotterdam//301# @@|Groningen//971# @@|Den Haag//251# @@|Eindhoven//561# @@|Haarlem//201# @@"),
"pt": _c("Lisboa//12##-1##|Porto//41##-2##|Coimbra//30##-3##|Braga//47##-4##|Faro//80##-5##|Setúbal//29##-0##"),
"br": _c("São Paulo/SP/013##-0##|Rio de Janeiro/RJ/220##-0##|Belo Horizonte/MG/301##-0##|Curitiba/PR/800##-0##|Porto Alegre/RS/900##-0##|Recife/PE/500##-0##|Salvador/BA/400##-0##"),
"pl": _c("Warszawa//00-###|Kraków//30-###|Wrocław//50-###|Poznań//60-###|Gdańsk//80-###|Łódź//90-###|Lublin//20-###"),
"se": _c("Göteborg//411 ##|Stockholm//112 ##|Malmö//211 ##|Uppsala//753 ##|Lund//222 ##|Umeå//903 ##|Örebro//702 ##"),
"fi": _c("Helsinki//001#0|Tampere//331#0|Turku//201#0|Oulu//901#0|Espoo//021#0|Jyväskylä//401#0"),
"dk": _c("København N//2200|Aarhus C//8000|Odense C//5000|Aalborg//9000|København V//16##|Roskilde//4000"),
"no": _c("Oslo//01##|Bergen//50##|Trondheim//70##|Stavanger//40##|Tromsø//90##"),
"cz": _c("Praha 3//130 00|Brno//602 00|Ostrava//702 00|Plzeň//301 00|Olomouc//779 00|Praha 2//120 00"),
}
STREETS = {
"us": "Maple Avenue|Oak Street|Elm St|W 5th Street|Sunset Blvd|Cedar Lane|Washington Ave|N Lincoln Ave|Birchwood Drive|Highland Rd|Willow Creek Ct|Pine Ridge Road|E Main St|Magnolia Way|Jefferson St|Lakeview Terrace|SE Hawthorne Blvd|County Road 12",
"uk": "Victoria Road|High Street|Church Lane|Park Avenue|Station Road|Albion Street|Queens Road|Mill Lane|Kingsway|Manor Drive|St John's Terrace|Elmfield Crescent|The Green|Grove Road|Castle Street|Woodlands Close",
"ie": "Patrick Street|O'Connell Avenue|Main Street|Rathmines Road Lower|Shop Street|Castle Road|Harbour View|Merrion Square|Abbey Street|Oakfield Drive",
"in": "MG Road|Linking Road|Brigade Road|Park Street|Nehru Nagar Main Road|Gandhi Road|Residency Road|1st Cross Street|Temple Road|Station Road",
"au": "Crown Street|Brunswick Street|Boundary Street|Railway Parade|King Street|Wattle Grove|Beach Road|Banksia Avenue|Victoria Parade|Kangaroo Point Road",
"ca": "Bloor St W|Queen Street East|Robson Street|Elgin St|Portage Avenue|Spring Garden Rd|Dundas St W|Maple Crescent|Granville Street|17 Ave SW",
"de": "Lindenstraße|Hauptstraße|Bahnhofstr.|Goethestraße|Am Mühlbach|Gartenweg|Schillerstr.|Berliner Allee|Kirchplatz|Rosenweg|Karl-Marx-Straße|An der alten Ziegelei|Dorfstraße|Wilhelmstr.|Buchenring|Unter den Eichen",
"at": "Mariahilfer Straße|Landstraßer Hauptstraße|Neubaugasse|Annenstraße|Linzer Gasse|Praterstraße|Burggasse|Lindengasse|Am Graben|Schulgasse",
"ch": "Langstrasse|Bahnhofstrasse|Seestrasse|Dorfstrasse|Marktgasse|Gerbergasse|Pilatusstrasse|Rosenbergweg|Kirchweg|Im Feld",
"fr": "rue des Lilas|avenue de la République|rue Victor Hugo|boulevard Saint-Michel|place du Marché|impasse des Acacias|rue de la Gare|chemin du Moulin|allée des Tilleuls|quai des Chartrons|cours Gambetta|rue Jean Jaurès",
"es": "Calle Mayor|Calle de Alcalá|Avenida de la Constitución|C/ San Juan|Paseo de Gracia|Calle Real|Plaza España|C/ Doctor Fleming|Ronda de Atocha|Avda. del Puerto|Calle Cervantes|Camino Viejo",
"it": "Via Roma|Via Garibaldi|Corso Italia|Piazza Dante|Via dei Mille|Viale Europa|Via Giuseppe Verdi|Via San Martino|Largo Augusto|Via XX Settembre|Vicolo Stretto|Strada Maggiore",
"nl": "Keizersgracht|Dorpsstraat|Molenweg|Kerkstraat|Stationsplein|Beatrixlaan|Oudegracht|Wilhelminastraat|Lindelaan|Havenkade|Burgemeester de Vlugtlaan|Zonnebloemstraat",
"pt": "Rua das Flores|Avenida da Liberdade|Rua de Santa Catarina|Largo do Carmo|Travessa do Fala-Só|Rua Augusta|Praça da República|Rua Dr. António Granjo",
"br": "Rua Augusta|Avenida Paulista|Rua das Palmeiras|Rua Sete de Setembro|Av. Brasil|Travessa São José|Rua Marechal Deodoro|Alameda Santos|Rua Quinze de Novembro|Av. Getúlio Vargas",
"pl": "ul. Kwiatowa|ul. Mickiewicza|al. Niepodległości|ul. Długa|ul. Słoneczna|ul. Kościuszki|os. Tysiąclecia|ul. Polna|pl. Wolności|ul. Lipowa",
"se": "Storgatan|Kungsgatan|Drottninggatan|Björkvägen|Skolgatan|Ringvägen|Vasagatan|Nygatan|Sveavägen|Ekbacksvägen",
"fi": "Mannerheimintie|Hämeenkatu|Kauppakatu|Koivukuja|Asemakatu|Rantatie|Puistokatu|Kirkkotie|Aleksanterinkatu|Mäntytie",
"dk": "Nørrebrogade|Vestergade|Strandvejen|Skolevej|Bredgade|Møllevej|Jernbanegade|Søndergade|Birkevej",
"no": "Storgata|Kirkeveien|Strandgaten|Bjørkeveien|Skoleveien|Markveien|Olav Tryggvasons gate|Nedre Torggate",
"cz": "Vinohradská|Masarykova|Nádražní|Husova|Komenského|Na Příkopě|Dlouhá|Lidická|Palackého",
}
STREETS = {k: v.split("|") for k, v in STREETS.items()}
COUNTRY = {"us": "USA", "uk": "United Kingdom", "ie": "Ireland", "in": "India", "au": "Australia", "ca": "Canada", "de": "Deutschland", "at": "Österreich", "ch": "Schweiz",
  "fr": "France", "es": "España", "it": "Italia", "nl": "Nederland", "pt": "Portugal", "br": "Brasil", "pl": "Polska", "se": "Sverige", "fi": "Suomi", "dk": "Danmark", "no": "Norge", "cz": "Česká republika"}
COUNTRY_EN = dict(COUNTRY, de="Germany", at="Austria", ch="Switzerland", es="Spain", it="Italy", nl="The Netherlands", br="Brazil", pl="Poland", se="Sweden", fi="Finland", dk="Denmark", no="Norway", cz="Czech Republic")

# --------------------------------------------------------------------------- phones
# X any digit, N 2-9, {a} area code
US_AREA = "212 415 512 614 503 919 602 312 206 518 208 813 303 608 617 702 404 216 858 973".split()
CA_AREA = "416 604 403 613 902 204 514 647 778 905".split()
PH = {
"us": ["({a}) NXX-XXXX", "{a}-NXX-XXXX", "{a}.NXX.XXXX", "+1 {a} NXX XXXX", "+1-{a}-NXX-XXXX", "+1 ({a}) NXX-XXXX", "1-{a}-NXX-XXXX", "({a})NXX-XXXX", "+1{a}NXXXXXX", "{a} NXX XXXX", "({a}) NXX XXXX"],
"uk": ["07NXX XXXXXX", "+44 7NXX XXXXXX", "020 7NXX XXXX", "0161 NXX XXXX", "+44 (0)20 7NXX XXXX", "01223 NXXXXX", "07NXX XXX XXX", "07NXXXXXXXX", "+447NXXXXXXXX", "0113 NXX XXXX", "+44 131 NXX XXXX", "01904 NXXXXX", "0044 7NXX XXX XXX"],
"ie": ["087 NXX XXXX", "01 NXX XXXX", "+353 87 NXX XXXX", "+353 (0)1 NXX XXXX", "021 NXX XXXX", "085-NXXXXXX", "(01) NXX XXXX", "086 NXXXXXX", "+353 91 NXXXXX"],
"in": ["+91 9XXXX XXXXX", "9XXXXXXXXX", "+91-98XXX-XXXXX", "080-2XXX XXXX", "022 2XXX XXXX", "098XXX XXXXX", "+919XXXXXXXXX", "8XXXX XXXXX", "+91 80 4XXX XXXX", "044-2XXXXXXX"],
"au": ["04NX XXX XXX", "(02) 9XXX XXXX", "+61 4NX XXX XXX", "+61 2 9XXX XXXX", "03 9XXX XXXX", "04NXXXXXXX", "(07) 3XXX XXXX", "+61 (0)4NX XXX XXX", "08 9XXX XXXX"],
"de": ["0171 NXXXXXX", "0151/NXXXXXXX", "030 NXXXXXXX", "+49 30 NXXXXXXX", "+49 (0)89 NXXXXX", "089/NX XX XX XX", "0049 221 NXXXXXX", "+49 176 NXXX XXXX", "(040) NXXXXX", "0221-NXXXXX", "0160 NXX XX XX", "+491520NXXXXXX", "0341 / NX XX XX", "0711 NXXXXX"],
"at": ["+43 664 NXXXXXX", "0664/NXXXXXX", "01 NXX XX XX", "+43 1 NXXXXXX", "0676 NXX XX XX", "0043 316 NXXXXX", "0662/NXXXXX", "+43 (0)650 NXXXXXX", "0512 NXXXXX"],
"ch": ["079 NXX XX XX", "+41 79 NXX XX XX", "044 NXX XX XX", "+41 (0)44 NXX XX XX", "0041 31 NXX XX XX", "+4176NXXXXXX", "031 NXX XX XX", "078/NXX XX XX"],
"fr": ["06 XX XX XX XX", "01.4X.XX.XX.XX", "+33 6 XX XX XX XX", "+33 (0)1 4X XX XX XX", "07 NX XX XX XX", "06XXXXXXXX", "04-72-XX-XX-XX", "+336XXXXXXXX", "0033 6 XX XX XX XX", "05 56 XX XX XX"],
"es": ["6NX XX XX XX", "6NX XXX XXX", "+34 6NX XXX XXX", "91 NXX XX XX", "93 NXX XX XX", "+34 91 NXX XX XX", "6NXXXXXXX", "954 XX XX XX", "0034 6NX XX XX XX", "+346NXXXXXXX", "6NX-XXX-XXX"],
"it": ["333 NXXXXXX", "+39 347 NXX XXXX", "06 NXXXXXXX", "02 NXXX XXXX", "+39 02 NXXXXXX", "347/NXXXXXX", "338NXXXXXX", "+39 335 NX XX XXX", "051 NXX XXX", "0039 340 NXXXXXX", "011-NXXXXXX"],
"nl": ["06-NXXXXXXX", "06 NX XX XX XX", "+31 6 NXXXXXXX", "020-NXXXXXX", "+31 (0)20 NXX XXXX", "010 NXX XX XX", "06NXXXXXXX", "+316NXXXXXXX", "030 - NXX XX XX", "0031 6 NXXX XXXX"],
"pt": ["91N XXX XXX", "+351 91N XXX XXX", "21N XXX XXX", "+351 21 NXX XX XX", "96NXXXXXX", "00351 93N XXX XXX", "22 NXX XX XX", "+35192NXXXXXX"],
"br": ["(11) 9NXXX-XXXX", "(21) 3XXX-XXXX", "+55 11 9NXXX-XXXX", "11 9NXXX-XXXX", "+55 (31) 9NXXX-XXXX", "(41)9NXXX-XXXX", "(51) 9 NXXX-XXXX", "+5521 9NXXXXXXX", "(81) 9NXXXXXXX"],
"pl": ["60N XXX XXX", "+48 60N XXX XXX", "22 NXX XX XX", "(22) NXX-XX-XX", "+48 12 NXX XX XX", "51N-XXX-XXX", "79NXXXXXX", "+4866NXXXXXX", "0048 50N XXX XXX", "tel_58 NXX XX XX"],
"se": ["070-NXX XX XX", "073NXXXXXX", "+46 70 NXX XX XX", "08-NXX XXX XX", "+46 (0)8 NXX XXX XX", "031-NX XX XX", "076-NXX XX XX", "+4672NXXXXXX", "040-NXX XX XX", "0046 70 NXXXXXX"],
"fi": ["040 NXXXXXX", "050 NXX XXXX", "+358 40 NXX XXXX", "09 NXX XXXX", "045-NXXXXXX", "+358 9 NXX XXXX", "044 NXX XX XX", "+35850NXXXXXX"],
"dk": ["2N XX XX XX", "+45 2N XX XX XX", "4NXX XXXX", "+45 31 XX XX XX", "+45 5NXX XXXX", "3N XX XX XX", "0045 2N XX XX XX"],
"no": ["4NX XX XXX", "+47 9NX XX XXX", "22 NX XX XX", "+47 55 NX XX XX", "9NXXXXXX", "+474NXXXXXX"],
"cz": ["60N XXX XXX", "+420 77N XXX XXX", "73NXXXXXX", "+420 224 NXX XXX", "+42060NXXXXXX", "541 NXX XXX", "00420 72N XXX XXX"],
}
PH["pl"][-1] = "58 NXX XX XX"
PH["ca"] = [p for p in PH["us"]]
MONTHS = {
"en": "January February March April May June July August September October November December",
"de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
"fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
"es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
"it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
"nl": "januari februari maart april mei juni juli augustus september oktober november december",
"pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
"pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
"sv": "januari februari mars april maj juni juli augusti september oktober november december",
"fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
"da": "januar februar marts april maj juni juli august september oktober november december",
"no": "januar februar mars april mai juni juli august september oktober november desember",
"cs": "ledna února března dubna května června července srpna září října listopadu prosince",
}
MONTHS = {k: v.split() for k, v in MONTHS.items()}
NUMDATE = dict(us=["%m/%d/%Y"] * 3 + ["%m-%d-%Y", "%m/%d/%y"], uk=["%d/%m/%Y"] * 3 + ["%d-%m-%Y", "%d.%m.%Y"], au=["%d/%m/%Y"], ca=["%Y-%m-%d", "%d/%m/%Y"], ie=["%d/%m/%Y"],
  de=["%d.%m.%Y"], at=["%d.%m.%Y"], ch=["%d.%m.%Y"], fr=["%d/%m/%Y"] * 3 + ["%d-%m-%Y"], es=["%d/%m/%Y"] * 3 + ["%d-%m-%Y"], it=["%d/%m/%Y"] * 3 + ["%d.%m.%Y"], nl=["%d-%m-%Y"], pt=["%d/%m/%Y", "%d-%m-%Y"],
  br=["%d/%m/%Y"], pl=["%d.%m.%Y", "%d-%m-%Y"], se=["%Y-%m-%d"], fi=["D.M.%Y"], dk=["%d-%m-%Y", "%d.%m.%Y"], no=["%d.%m.%Y"], cz=["D. M. %Y", "%d.%m.%Y"])
NUMDATE["in"] = ["%d/%m/%Y", "%d-%m-%Y"]


def fold(s):
    s = s.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L").replace("æ", "ae").replace("ı", "i")
    s = unicodedata.normalize("NFKD", s)
    return "".join(c for c in s if not unicodedata.combining(c))


def fold_de(s):
    for a, b in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        s = s.replace(a, b)
    return fold(s)


# ------------------------------------------------------------ check digits: makers
def luhn_digit(body):
    t = 0
    for i, c in enumerate(reversed(body)):
        d = int(c)
        if i % 2 == 0:
            d *= 2
            if d > 9:
                d -= 9
        t += d
    return str(-t % 10)


def keccak256(data):
    RC = []
    r = 1
    def rcbit():
        nonlocal r
        out = r & 1
        r = ((r << 1) ^ ((r >> 7) * 0x171)) & 0xFF
        return out
    for _ in range(24):
        v = 0
        for j in range(7):
            if rcbit():
                v |= 1 << ((1 << j) - 1)
        RC.append(v)
    M = (1 << 64) - 1
    rol = lambda x, n: ((x << n) | (x >> (64 - n))) & M if n else x
    A = [[0] * 5 for _ in range(5)]
    rate = 136
    p = bytearray(data) + b"\x01" + b"\x00" * (-(len(data) + 1) % rate)
    p[-1] |= 0x80
    for o in range(0, len(p), rate):
        for i in range(rate // 8):
            A[i % 5][i // 5] ^= int.from_bytes(p[o + 8 * i:o + 8 * i + 8], "little")
        for rc in RC:
            C = [A[x][0] ^ A[x][1] ^ A[x][2] ^ A[x][3] ^ A[x][4] for x in range(5)]
            D = [C[(x - 1) % 5] ^ rol(C[(x + 1) % 5], 1) for x in range(5)]
            A = [[A[x][y] ^ D[x] for y in range(5)] for x in range(5)]
            x, y, cur = 1, 0, A[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, A[x][y] = A[x][y], rol(cur, (t + 1) * (t + 2) // 2 % 64)
            A = [[A[x][y] ^ (~A[(x + 1) % 5][y] & M & A[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
            A[0][0] ^= rc
    return b"".join(A[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"

B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
B32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def b58check(ver, payload):
    raw = bytes([ver]) + payload
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    n = int.from_bytes(raw, "big")
    s = ""
    while n:
        n, m = divmod(n, 58)
        s = B58[m] + s
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + s


def bech_polymod(values):
    chk = 1
    for v in values:
        top = chk >> 25
        chk = (chk & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            chk ^= g if (top >> i) & 1 else 0
    return chk


def bech32(witver, prog):
    bits = "".join(f"{b:08b}" for b in prog)
    bits += "0" * (-len(bits) % 5)
    data = [witver] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    const = 1 if witver == 0 else 0x2bc830a3
    hrp = [3, 3, 0, 2, 3]
    pm = bech_polymod(hrp + data + [0] * 6) ^ const
    return "bc1" + "".join(B32[d] for d in data + [(pm >> 5 * (5 - i)) & 31 for i in range(6)])


IBAN_FMT = dict(DE="n18", AT="n16", CH="n5 c12", FR="n10 c11 n2", ES="n20", IT="a1 n10 c12", NL="a4 n10", PT="n21", PL="n24", SE="n20", FI="n14", DK="n14", NO="n11",
                CZ="n20", GB="a4 n14", IE="a4 n14", BE="n12", LU="n3 c13", LT="n16")
IBAN_LEN = dict(DE=22, AT=20, CH=21, FR=27, ES=24, IT=27, NL=18, PT=25, PL=28, SE=24, FI=18, DK=18, NO=15, CZ=24, GB=22, IE=22, BE=16, LU=20, LT=20)
NL_BANKS = "ABNA RABO INGB TRIO SNSB KNAB BUNQ ASNB".split()
GB_BANKS = "NWBK BARC LOYD HBUK MONZ STRL".split()
IE_BANKS = "AIBK BOFI IPBS".split()

VD = [[0,1,2,3,4,5,6,7,8,9],[1,2,3,4,0,6,7,8,9,5],[2,3,4,0,1,7,8,9,5,6],[3,4,0,1,2,8,9,5,6,7],[4,0,1,2,3,9,5,6,7,8],
      [5,9,8,7,6,0,4,3,2,1],[6,5,9,8,7,1,0,4,3,2],[7,6,5,9,8,2,1,0,4,3],[8,7,6,5,9,3,2,1,0,4],[9,8,7,6,5,4,3,2,1,0]]
VP = [[0,1,2,3,4,5,6,7,8,9],[1,5,7,6,2,8,3,0,9,4],[5,8,0,3,7,9,6,1,4,2],[8,9,1,6,0,4,3,5,2,7],[9,4,5,3,1,2,6,8,7,0],[4,2,8,6,5,7,3,9,0,1],[2,7,9,3,8,0,6,4,1,5],[7,0,4,6,9,1,3,2,5,8]]
VINV = [0,4,3,2,1,5,6,7,8,9]


def verhoeff_digit(body):
    c = 0
    for i, ch in enumerate(reversed(body)):
        c = VD[c][VP[(i + 1) % 8][int(ch)]]
    return str(VINV[c])


CF_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1,0,5,7,9,13,15,17,19,21,1,0,5,7,9,13,15,17,19,21,2,4,18,20,11,3,6,8,12,14,16,10,22,25,24,23]))
HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def mrz_cd(s):
    v = lambda c: 0 if c == "<" else int(c) if c.isdigit() else ord(c) - 55
    return str(sum(v(c) * (7, 3, 1)[i % 3] for i, c in enumerate(s)) % 10)


class Person:
    def __init__(self, rng, loc):
        self.loc = loc
        self.sex = rng.choice("MF")
        m, f, l = NAMES[loc]
        self.first = rng.choice(m if self.sex == "M" else f)
        self.last = rng.choice(l)
        if loc == "es":
            self.last += " " + rng.choice(l)
        if loc == "pl" and self.sex == "F" and self.last.endswith("ski"):
            self.last = self.last[:-1] + "a"
        if loc == "cz" and self.sex == "F":
            self.last = (self.last[:-1] + "á") if self.last.endswith("ý") else (self.last.rstrip("a") + "ová" if not self.last.endswith("ek") else self.last[:-2] + "ková")
        if loc == "br" and rng.random() < .5:
            self.last = rng.choice(l) + " " + self.last
        self.dob = datetime.date(1938, 1, 1) + datetime.timedelta(days=rng.randrange(0, 365 * 68))
        self.mail = None
        self.slug = re.sub(r"[^a-z]", "", (fold_de if loc in ("de", "at", "ch") else fold)(self.last.split()[-1] if loc != "es" else self.last.split()[0]).lower())
        self.fslug = re.sub(r"[^a-z]", "", (fold_de if loc in ("de", "at", "ch") else fold)(self.first).lower())
        self.user = rng.choice([self.fslug[0] + self.slug, self.fslug + "." + self.slug, self.fslug + str(rng.randrange(10, 99)), self.slug + self.fslug[0]])


# ------------------------------------------------------------------------- the document
class Doc:
    def __init__(self, rng, loc, lang):
        self.rng, self.loc, self.lang = rng, loc, lang
        self.scope = {}
        self.stack = []
        self.company = rng.choice(COMPANIES[lang])
        self.tld = rng.choice(TLD[loc].split())
        self.clock = datetime.datetime(2024, 5, 1) + datetime.timedelta(days=rng.randrange(400), seconds=rng.randrange(7 * 3600, 19 * 3600))

    # helpers
    def digs(self, n, first=None):
        s = "".join(self.rng.choice(DIG) for _ in range(n))
        return (self.rng.choice(first) + s[1:]) if first else s

    def chars(self, alpha, n):
        return "".join(self.rng.choice(alpha) for _ in range(n))

    def person(self, i=1, loc=None):
        k = ("person", int(i))
        if k not in self.scope:
            for _ in range(20):
                p = Person(self.rng, loc or self.loc)
                if all(p.first != q.first for kk, q in self.scope.items() if kk[0] == "person"): break
            if int(i) >= 8:         # a child
                p.dob = TODAY - datetime.timedelta(days=self.rng.randrange(400, 13 * 365))
            self.scope[k] = p
        return self.scope[k]

    def fill(self, pat):
        out = ""
        for c in pat:
            out += self.rng.choice("23456789") if c == "N" else self.rng.choice(DIG) if c in "X#" else self.rng.choice("ABDEFGHJLNPQRTUWXYZ") if c == "@" else c
        return out

    def postcode(self, pat):
        return "".join(self.rng.choice(DIG) if c == "#" else self.rng.choice("ABDEFGHJLNPQRTUWXYZ") if c == "@" else c for c in pat)

    def tick(self, lo, hi):
        self.clock += datetime.timedelta(seconds=self.rng.randint(lo, hi))
        return self.clock

    def slugify(self, s):
        s = re.sub(r"\b(GmbH|AG|BV)\b", "", s)
        s = (fold_de if self.loc in ("de", "at", "ch") else fold)(s).lower()
        return re.sub(r"[^a-z0-9]+", "-", s).strip("-")

    def corp_domain(self):
        s = self.slugify(self.company)
        return (s.replace("-", "") if len(s) > 16 else s) + "." + self.tld


KINDS = {}      # name -> (function, type or None)


def kind(name, typ=None):
    def deco(f):
        KINDS[name] = (f, typ)
        return f
    return deco


# ---- unlabelled fillers
@kind("first")
def _(d, i=1): return d.person(i).first
@kind("last")
def _(d, i=1): return d.person(i).last
@kind("name")
def _(d, i=1): return d.person(i).first + " " + d.person(i).last
@kind("NAME")
def _(d, i=1): return (d.person(i).last + " " + d.person(i).first).upper()
@kind("lastfirst")
def _(d, i=1): return d.person(i).last + ", " + d.person(i).first
@kind("user")
def _(d, i=1): return d.person(i).user
@kind("sex")
def _(d, i=1): return d.person(i).sex
@kind("company")
def _(d): return d.company
@kind("corp")
def _(d): return d.corp_domain()
@kind("city")
def _(d): return d.rng.choice(CITIES[d.loc])[0]
@kind("zip")
def _(d): return d.postcode(d.rng.choice(CITIES[d.loc])[2])
@kind("citystate")
def _(d):
    c = d.rng.choice(CITIES[d.loc]); return f"{c[0]}, {c[1]}" if c[1] else c[0]
@kind("int")
def _(d, a=1, b=99): return str(d.rng.randint(int(a), int(b)))
@kind("amt")
def _(d, a=5, b=900):
    v = d.rng.randint(int(a) * 100, int(b) * 100) / 100
    s = f"{v:.2f}"
    return s if d.lang == "en" else s.replace(".", ",")
@kind("ref")
def _(d, pre=""): return pre + d.digs(d.rng.choice((5, 6)), "123456789")
@kind("code")
def _(d, n=6): return d.chars("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", int(n))
@kind("hex")
def _(d, n=8): return d.chars(HEX, int(n))
@kind("alnum")
def _(d, n=8): return d.chars(ALNUM, int(n))
@kind("dig")
def _(d, n=6): return d.digs(int(n), "123456789")
@kind("uuid")
def _(d):
    h = d.chars(HEX, 32); return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"
@kind("time")
def _(d): return d.tick(20, 400).strftime("%H:%M")
@kind("hms")
def _(d): return d.tick(1, 90).strftime("%H:%M:%S")
@kind("ver")
def _(d): return f"{d.rng.randint(1, 14)}.{d.rng.randint(0, 30)}.{d.rng.randint(0, 20)}"


def fmtdate(d, dt, how):
    if how == "any":
        how = d.rng.choice(["num", "num", "long", "iso"] if d.lang != "en" else ["num", "num", "long", "iso", "abbr"])
    if how == "iso":
        return dt.isoformat()
    if how == "num":
        f = d.rng.choice(NUMDATE[d.loc])
        return dt.strftime(f.replace("D", str(dt.day)).replace("M", str(dt.month)) if "D" in f else f)
    if how == "compact":
        return dt.strftime("%Y%m%d")
    m = MONTHS[d.lang][dt.month - 1]
    if how == "abbr":
        m = MONTHS["en"][dt.month - 1][:3]
        return d.rng.choice([f"{dt.day:02d}-{m}-{dt.year}", f"{dt.day} {m} {dt.year}", f"{m} {dt.day}, {dt.year}" if d.loc in ("us", "ca") else f"{dt.day:02d} {m} {dt.year}"])
    if d.lang == "en":
        if d.loc in ("us", "ca"):
            return f"{m} {dt.day}, {dt.year}"
        suf = "th" if 10 <= dt.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(dt.day % 10, "th")
        return d.rng.choice([f"{dt.day} {m} {dt.year}", f"{dt.day}{suf} {m} {dt.year}", f"{dt.day} {m} {dt.year}"])
    if d.lang in ("de", "da", "no", "fi", "cs"):
        return f"{dt.day}. {m} {dt.year}"
    if d.lang in ("es", "pt"):
        return f"{dt.day} de {m} de {dt.year}"
    if d.lang == "fr" and dt.day == 1:
        return f"1er {m} {dt.year}"
    return f"{dt.day} {m} {dt.year}"


@kind("date")
def _(d, how="num"):
    return fmtdate(d, TODAY - datetime.timedelta(days=d.rng.randrange(3, 700)), how)
@kind("fdate")
def _(d, how="num"):
    return fmtdate(d, TODAY + datetime.timedelta(days=d.rng.randrange(3, 300)), how)
@kind("ts")
def _(d):
    return d.tick(1, 900).strftime("%Y-%m-%dT%H:%M:%SZ")
@kind("year")
def _(d, a=2015, b=2024): return str(d.rng.randint(int(a), int(b)))
@kind("product")
def _(d): return d.rng.choice("Aero 300 headset|Lumo desk lamp|Trailmax boots|Kettle Pro|NordBike S2|Clario router|Pixelpad 11|VentaFlow fan|Solis charger|Quietbuds".split("|"))


# ---- labelled: contact
def mk_email(d, p, style=None):
    rng = d.rng
    f, l = p.fslug, p.slug
    yy = f"{p.dob.year % 100:02d}"
    style = style or rng.choice(["free", "free", "corp", "corp", "plus", "sub"])
    free = rng.choice(FREEMAIL[p.loc].split())
    local = rng.choice([f"{f}.{l}", f"{f}.{l}", f[0] + l, f"{f}_{l}", f"{f}{l}{yy}", f"{l}.{f}", f"{f}{rng.randint(1, 999)}", f"{f}-{l}"])
    if style == "corp":
        return rng.choice([f"{f}.{l}", f[0] + l, f"{f[0]}.{l}", f]) + "@" + d.corp_domain()
    if style == "plus":
        return f"{f}.{l}+{rng.choice(['shop', 'news', 'work', 'billing', 'test', 'spam', '2024'])}@{rng.choice(['gmail.com', 'fastmail.com', 'proton.me'])}"
    if style == "sub":
        return f"{f}.{l}@{rng.choice(['mail', 'support', 'lists', 'eu', 'hr'])}.{d.corp_domain()}"
    if style == "caps":
        return f"{f.capitalize()}.{l.capitalize()}@{free}"
    return local + "@" + free


@kind("email", "email")
def _(d, i=1, style=None):
    p = d.person(i)
    if p.mail is None:
        p.mail = mk_email(d, p, style)
    return p.mail
@kind("emailnew", "email")
def _(d, style=None): return mk_email(d, Person(d.rng, d.loc), style)
@kind("emailrole", "email")
def _(d, role=None):
    roles = dict(de="info kontakt service bestellung buchhaltung", fr="contact service-client facturation", es="info atencioncliente facturacion", it="info assistenza amministrazione",
                 nl="info klantenservice administratie", pt="geral apoio financeiro", pl="biuro kontakt faktury", sv="info kundtjanst", fi="info asiakaspalvelu", da="kontakt info", no="post kundeservice", cs="info podpora")
    r = role or d.rng.choice(roles.get(d.lang, "support billing info hello hr accounts no-reply sales").split())
    dom = d.corp_domain()
    if d.lang == "de" and d.rng.random() < .25:
        dom = d.rng.choice(["müller-gartenbau.de", "bäckerei-köhler.de", "schäfer-söhne.de", "blumen-grün.at"])
    return r + "@" + dom


@kind("phone", "phone")
def _(d, how=None, loc=None):
    loc = loc or d.loc
    pats = PH[loc]
    if how == "intl":
        pats = [p for p in pats if p.startswith("+")]
    elif how == "nat":
        pats = [p for p in pats if not p.startswith("+") and not p.startswith("00")]
    elif how == "e164":
        pats = [p for p in pats if p.startswith("+") and " " not in p and "-" not in p] or [p for p in pats if p.startswith("+")]
    p = d.rng.choice(pats).replace("{a}", d.rng.choice(CA_AREA if loc == "ca" else US_AREA))
    return d.fill(p)


def mk_street(d, loc=None):
    loc = loc or d.loc
    r = d.rng
    s = r.choice(STREETS[loc])
    n = r.randint(1, 180)
    if loc == "us":
        out = f"{r.randint(100, 9800)} {s}"
        return out + (r.choice([f" Apt {r.randint(1, 40)}{r.choice('ABC')}", f", Apt. {r.randint(1, 40)}", f" #{r.randint(2, 60)}", f", Unit {r.randint(1, 30)}", f" Suite {r.randint(100, 900)}"]) if r.random() < .35 else "")
    if loc == "ca":
        return (f"{r.randint(2, 40)}-" if r.random() < .25 else "") + f"{r.randint(100, 4800)} {s}"
    if loc in ("uk", "ie"):
        return f"{n}{r.choice(['', '', '', 'a', 'b'])} {s}"
    if loc == "in":
        return r.choice([f"{n}, {s}", f"{n}/{r.randint(1, 9)}, {s}", f"{n} {s}", f"No. {n}, {s}"])
    if loc == "au":
        return (f"{r.randint(1, 24)}/" if r.random() < .4 else "") + f"{n} {s}"
    if loc in ("de", "at", "ch"):
        n = str(n) + r.choice(["", "", "", "", "a", " b"])
        if loc == "at" and r.random() < .4:
            n = f"{r.randint(1, 120)}/{r.randint(1, 24)}"
        if loc == "de" and r.random() < .1:
            n = f"{r.randint(1, 80)}-{r.randint(81, 99)}"
        return f"{s} {n}"
    if loc == "fr":
        return f"{n}{r.choice(['', '', '', '', ' bis', ' ter'])}{r.choice([' ', ' ', ', '])}{s}"
    if loc == "es":
        return f"{s}{r.choice([', ', ' ', ', nº '])}{n}" + (f", {r.randint(1, 8)}º {r.choice('ABCD')}" if r.random() < .5 else "")
    if loc == "it":
        return f"{s}{r.choice([' ', ', ', ' n. '])}{n}{r.choice(['', '', '', '/A'])}"
    if loc == "nl":
        return f"{s} {n}{r.choice(['', '', '', 'A', '-2', ' hs'])}"
    if loc == "pt":
        return f"{s}{r.choice([', ', ' ', ', n.º '])}{n}" + (f", {r.randint(1, 6)}.º {r.choice(['Esq.', 'Dto.'])}" if r.random() < .4 else "")
    if loc == "br":
        return f"{s}, {r.randint(10, 3200)}" + (r.choice([f", apto {r.randint(11, 190)}", f" - casa {r.randint(1, 4)}", f", bloco {r.choice('ABC')}"]) if r.random() < .45 else "")
    if loc == "pl":
        return f"{s} {n}" + (f"/{r.randint(1, 60)}" if r.random() < .5 else "")
    if loc == "se":
        return f"{s} {n}{r.choice(['', '', ' B', ', lgh 1102', ' A'])}"
    if loc == "fi":
        return f"{s} {n}{r.choice(['', '', ' A ' + str(r.randint(1, 40)), ' B ' + str(r.randint(1, 40))])}"
    if loc == "dk":
        return f"{s} {n}{r.choice(['', '', ', 2. tv', ', 1. th', ', st. mf'])}"
    if loc == "no":
        return f"{s} {n}{r.choice(['', '', 'B', 'A'])}"
    if loc == "cz":
        return f"{s} {n}{r.choice(['', '/' + str(r.randint(1, 60))])}"


def mk_cityline(d, loc=None):
    loc = loc or d.loc
    r = d.rng
    c, reg, z = r.choice(CITIES[loc])
    z = d.postcode(z)
    if loc == "us":
        return f"{c}, {reg} {z}" + (f"-{d.digs(4, '123456789')}" if r.random() < .08 else "")
    if loc == "uk":
        return r.choice([f"{c} {z}", f"{c}, {z}", f"{c} {z}"])
    if loc == "ie":
        return r.choice([f"{c}, {z}", f"{c} {z}"])
    if loc == "in":
        return r.choice([f"{reg}, {c} {z}", f"{reg}, {c} - {z}", f"{c} {z}"])
    if loc == "au":
        return f"{c} {reg} {z}"
    if loc == "ca":
        return f"{c}, {reg} {z}"
    if loc == "de":
        return (r.choice(["D-", ""]) if r.random() < .15 else "") + f"{z} {c}"
    if loc == "at":
        return (r.choice(["A-", ""]) if r.random() < .3 else "") + f"{z} {c}"
    if loc == "ch":
        return (r.choice(["CH-", ""]) if r.random() < .3 else "") + f"{z} {c}"
    if loc == "it":
        return f"{z} {c}" + r.choice([f" ({reg})", "", f" {reg}"])
    if loc == "br":
        return r.choice([f"{c} - {reg}, {z}", f"{c}/{reg}, {z}", f"{c} - {reg}, CEP {z}"])
    return f"{z} {c}"


@kind("addr", "address")
def _(d, form="1", loc=None):
    s, c = mk_street(d, loc), mk_cityline(d, loc)
    cn = (COUNTRY_EN if d.lang == "en" else COUNTRY)[loc or d.loc]
    if form == "1":
        return f"{s}, {c}"
    if form == "1c":
        return f"{s}, {c}, {cn}"
    if form == "2":
        return f"{s}\n{c}"
    if form == "3":
        return f"{s}\n{c}\n{cn}"
    raise ValueError(form)
@kind("street", "address")
def _(d, loc=None): return mk_street(d, loc)
@kind("pobox", "address")
def _(d):
    n = d.digs(d.rng.choice((3, 4)), "123456789")
    w = dict(de="Postfach", fr="BP", es="Apartado de Correos", it="Casella Postale", nl="Postbus", pt="Apartado", pl="skr. poczt.", sv="Box", fi="PL", da="Postboks", no="Postboks", cs="P. O. Box").get(d.lang, "PO Box")
    if d.loc == "ca":
        w = "P.O. Box"
    if d.lang == "en":
        return f"{w} {n}, {mk_cityline(d)}"
    return f"{w} {n}, {mk_cityline(d)}"
@kind("dob", "birth_date")
def _(d, how="any", i=1): return fmtdate(d, d.person(i).dob, how)


# ---- labelled: payment
def mk_card(d):
    r = d.rng
    s = r.choice(["visa", "visa", "visa", "mc", "mc", "mc2", "amex", "amex", "disc", "diners", "jcb"])
    pre, n = dict(visa=("4", 16), mc=("5" + r.choice("12345"), 16), mc2=(str(r.randint(2221, 2720)), 16), amex=(r.choice(("34", "37")), 15), disc=(r.choice(("6011", "65")), 16),
                  diners=(r.choice(("36", "38", "300", "305")), 14), jcb=(str(r.randint(3528, 3589)), 16))[s]
    b = pre + d.digs(n - 1 - len(pre))
    b += luhn_digit(b)
    return b
def grp(s, sizes, sep):
    out, i = [], 0
    for z in sizes:
        out.append(s[i:i + z]); i += z
    if i < len(s):
        out.append(s[i:])
    return sep.join(out)
def card_fmt(d, b, how=None):
    how = how or d.rng.choice(["plain", "space", "space", "hyphen"])
    if how == "plain":
        return b
    sep = " " if how == "space" else "-"
    return grp(b, (4, 6, 5), sep) if len(b) == 15 else grp(b, (4, 6, 4), sep) if len(b) == 14 else grp(b, (4, 4, 4, 4), sep)
@kind("card", "card")
def _(d, how=None): return card_fmt(d, mk_card(d), how)


def mk_iban(d, cc=None):
    cc = cc or {"uk": "GB", "us": "GB", "in": "GB", "au": "GB", "ca": "GB", "br": "PT"}.get(d.loc, d.loc.upper())
    if d.rng.random() < .06:
        cc = d.rng.choice(["BE", "LU", "LT", cc])
    b = ""
    for part in IBAN_FMT[cc].split():
        n = int(part[1:])
        if part[0] == "a" and n == 4:
            b += d.rng.choice({"NL": NL_BANKS, "GB": GB_BANKS, "IE": IE_BANKS}[cc])
        else:
            b += d.chars(DIG if part[0] == "n" else UP if part[0] == "a" else DIG + DIG + DIG + UP, n)
    num = "".join(str(int(c, 36)) for c in b + cc) + "00"
    return cc + f"{98 - int(num) % 97:02d}" + b
@kind("iban", "iban")
def _(d, how=None, cc=None):
    v = mk_iban(d, cc)
    how = how or d.rng.choice(["plain", "space", "space", "space", "lower"] if d.rng.random() < .2 else ["plain", "space"])
    if how == "space":
        v = " ".join(v[i:i + 4] for i in range(0, len(v), 4))
    return v.lower() if how == "lower" else v


@kind("btc", "crypto")
def _(d):
    rb = lambda n: bytes(d.rng.randrange(256) for _ in range(n))
    k = d.rng.choice(["p2pkh", "p2sh", "w", "w", "wsh", "tr"])
    if k == "p2pkh": return b58check(0, rb(20))
    if k == "p2sh": return b58check(5, rb(20))
    return bech32(0, rb(20)) if k == "w" else bech32(0, rb(32)) if k == "wsh" else bech32(1, rb(32))
@kind("eth", "crypto")
def _(d, how=None):
    a = d.chars(HEX, 40)
    if how == "lower" or (how is None and d.rng.random() < .35):
        return "0x" + a
    h = keccak256(a.encode()).hex()
    return "0x" + "".join(c.upper() if int(x, 16) >= 8 else c for c, x in zip(a, h))


# ---- labelled: network, devices
@kind("ip4", "ip")
def _(d, how=None):
    r = d.rng
    how = how or r.choice(["priv", "pub"])
    if how == "priv":
        return r.choice([f"10.{r.randint(0, 254)}.{r.randint(0, 254)}.{r.randint(2, 253)}", f"192.168.{r.randint(0, 254)}.{r.randint(2, 253)}", f"172.{r.randint(16, 31)}.{r.randint(0, 254)}.{r.randint(2, 253)}"])
    return f"{r.choice([23, 31, 34, 37, 45, 46, 51, 52, 62, 77, 78, 79, 80, 81, 84, 85, 87, 88, 89, 91, 93, 94, 95, 103, 104, 109, 134, 138, 142, 146, 151, 159, 163, 176, 178, 185, 188, 193, 194, 195, 203, 212, 213, 217])}.{r.randint(1, 254)}.{r.randint(0, 254)}.{r.randint(2, 253)}"
@kind("ip6", "ip")
def _(d, how=None):
    r = d.rng
    pre = "fe80" if how == "ll" else r.choice(["2001:db8", "2a01:4f8", "2a02:8108", "2600:1f18", "fd12:3456", "fe80", "2a00:1450", "2003:e7"])
    h = lambda: f"{r.randint(1, 0xffff):x}"
    k = r.choice("abcd")
    if pre == "fe80":
        return f"fe80::{h()}:{r.randint(256, 0xffff):x}:fe{r.randint(0, 255):02x}:{h()}"
    if k == "a":
        return ":".join([pre] + [f"{r.randint(0, 0xffff):04x}" for _ in range(6)])
    if k == "b":
        return f"{pre}:{h()}:{h()}::{r.randint(1, 254):x}"
    if k == "c":
        return f"{pre}:{h()}::{h()}:{h()}"
    return f"{pre}:{h()}:{h()}:{h()}:{h()}:{h()}:{h()}"
@kind("ip", "ip")
def _(d): return KINDS["ip6" if d.rng.random() < .25 else "ip4"][0](d)
@kind("mac", "mac")
def _(d, how=None):
    r = d.rng
    b = [r.choice([0x00, 0x3c, 0xa4, 0x5c, 0xb8, 0xdc, 0xf4, 0x28, 0x9c, 0x70, 0x02, 0xe0])] + [r.randrange(256) for _ in range(5)]
    h = [f"{x:02x}" for x in b]
    how = how or r.choice(["colon", "colon", "hyphen", "cisco", "COLON", "HYPHEN"])
    if how == "cisco":
        s = "".join(h); return f"{s[:4]}.{s[4:8]}.{s[8:]}"
    s = (":" if how.lower() == "colon" else "-").join(h)
    return s.upper() if how.isupper() else s
@kind("imei", "imei")
def _(d, how=None):
    b = d.rng.choice(["35", "35", "35", "86", "99", "01"]) + d.digs(12)
    b += luhn_digit(b)
    how = how or ("plain" if d.rng.random() < .85 else d.rng.choice(["hyphen", "space"]))
    return b if how == "plain" else grp(b, (2, 6, 6, 1), "-" if how == "hyphen" else " ")


# ---- labelled: secrets
WORDS = "Sommer Sunset Dragon Kaffee Tiger Winter Lisboa Blume Falcon Pepper Mango Rocket Anker Bella Coffee Bunny Madrid Hockey Piano Cactus Turtle Orange Skiing Shadow".split()
def mk_pw(d):
    r = d.rng
    k = r.randrange(6)
    if k == 0: return r.choice(WORDS) + str(r.randint(10, 2024)) + r.choice("!#*$")
    if k == 1: return d.chars(ALNUM, r.randint(4, 6)) + r.choice("!#%*+=") + d.chars(ALNUM, r.randint(3, 6)) + r.choice(DIG)
    if k == 2: return "-".join(x.lower() for x in r.sample(WORDS, 3)) + "-" + str(r.randint(10, 99))
    if k == 3: return r.choice(WORDS).lower() + r.choice(WORDS) + r.choice("_.!") + str(r.randint(1, 99)).zfill(2)
    if k == 4: return r.choice(UP) + d.chars(LOW, 2) + r.choice(DIG) + r.choice("#!%") + d.chars(ALNUM, 5) + r.choice(DIG)
    return r.choice(WORDS)[0] + r.choice("30@")  + r.choice(WORDS).lower()[1:] + r.choice("!$#") + str(r.randint(1, 999))
@kind("pw", "secret")
def _(d):
    return mk_pw(d)
@kind("pin", "secret")
def _(d, n=8): return d.chars(ALNUM, int(n) - 1) + d.rng.choice(DIG)
@kind("hexkey", "secret")
def _(d, n=32): return d.chars(HEX, int(n))
@kind("b64key", "secret")
def _(d, n=40):
    return d.chars(ALNUM + "+/", int(n) - 1) + d.rng.choice(ALNUM)
@kind("wgkey", "secret")
def _(d): return base64.b64encode(bytes(d.rng.randrange(256) for _ in range(32))).decode()
@kind("anykey", "secret")
def _(d, n=32): return d.chars(ALNUM, int(n) - 1) + d.rng.choice(DIG)
B62U = ALNUM + "-_"
def _end(d, s): return s + d.rng.choice(ALNUM)
PROV = {
 "aws_id": lambda d: d.rng.choice(("AKIA", "AKIA", "ASIA")) + d.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
 "aws_secret": lambda d: d.chars(ALNUM + "+/", 39) + d.rng.choice(ALNUM),
 "github": lambda d: d.rng.choice(("ghp_", "gho_", "ghs_")) + d.chars(ALNUM, 36),
 "github_pat": lambda d: "github_pat_" + d.chars(ALNUM, 22) + "_" + d.chars(ALNUM, 59),
 "gitlab": lambda d: _end(d, "glpat-" + d.chars(B62U, 19)),
 "slack": lambda d: d.rng.choice([f"xoxb-{d.digs(12, '123456789')}-{d.digs(13, '123456789')}-{d.chars(ALNUM, 24)}", f"xoxp-{d.digs(12, '123456789')}-{d.digs(12, '123456789')}-{d.digs(12, '123456789')}-{d.chars(HEX, 32)}"]),
 "stripe": lambda d: d.rng.choice(("sk_live_", "rk_live_", "sk_test_")) + d.chars(ALNUM, d.rng.choice((24, 99))),
 "whsec": lambda d: "whsec_" + d.chars(ALNUM, 32),
 "google": lambda d: _end(d, "AIza" + d.chars(B62U, 34)),
 "gocspx": lambda d: _end(d, "GOCSPX-" + d.chars(B62U, 27)),
 "openai": lambda d: d.rng.choice(["sk-" + d.chars(ALNUM, 20) + "T3BlbkFJ" + d.chars(ALNUM, 20), _end(d, "sk-proj-" + d.chars(B62U, 73) + "T3BlbkFJ" + d.chars(B62U, 73))]),
 "anthropic": lambda d: "sk-ant-api03-" + d.chars(B62U, 93) + "AA",
 "hf": lambda d: "hf_" + d.chars(UP + LOW, 34),
 "npm": lambda d: "npm_" + d.chars(ALNUM, 36),
 "pypi": lambda d: _end(d, "pypi-AgEIcHlwaS5vcmc" + d.chars(B62U, 149)),
 "sendgrid": lambda d: "SG." + _end(d, d.chars(B62U, 21)) + "." + _end(d, d.chars(B62U, 42)),
 "twilio": lambda d: "SK" + d.chars(HEX, 32),
 "do": lambda d: "dop_v1_" + d.chars(HEX, 64),
 "shopify": lambda d: d.rng.choice(("shpat_", "shpss_")) + d.chars(HEX, 32),
 "telegram": lambda d: d.digs(10, "5678") + ":AA" + _end(d, d.chars(B62U, 32)),
 "azure": lambda d: base64.b64encode(bytes(d.rng.randrange(256) for _ in range(64))).decode(),
 "mailgun": lambda d: "key-" + d.chars(HEX, 32),
 "groq": lambda d: "gsk_" + d.chars(ALNUM, 52),
 "tfc": lambda d: d.chars(ALNUM, 14) + ".atlasv1." + d.chars(ALNUM, 67),
}
for _k, _f in PROV.items():
    KINDS["sec." + _k] = ((lambda f: lambda d: f(d))(_f), "secret")
@kind("sec", "secret")
def _(d): return PROV[d.rng.choice([k for k in PROV if k not in ("aws_secret", "azure")])](d)
@kind("jwt", "secret")
def _(d):
    b = lambda x: base64.urlsafe_b64encode(x).decode().rstrip("=")
    h = {"alg": d.rng.choice(("HS256", "RS256")), "typ": "JWT"}
    p = {"sub": d.digs(7, "123456789"), "iat": 1700000000 + d.rng.randrange(40000000), "role": d.rng.choice(("user", "admin", "service"))}
    return b(json.dumps(h, separators=(",", ":")).encode()) + "." + b(json.dumps(p, separators=(",", ":")).encode()) + "." + b(bytes(d.rng.randrange(256) for _ in range(32)))
@kind("pem", "secret")
def _(d, what=None):
    t = what or d.rng.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
    n = {"EC PRIVATE KEY": 118, "OPENSSH PRIVATE KEY": 285}.get(t, d.rng.choice((420, 608)))
    raw = base64.b64encode((b"openssh-key-v1\0" if t.startswith("OPEN") else b"\x30\x82\x04\xa4\x02\x01\x00\x02") + bytes(d.rng.randrange(256) for _ in range(n))).decode()
    return f"-----BEGIN {t}-----\n" + "\n".join(raw[i:i + 64] for i in range(0, len(raw), 64)) + f"\n-----END {t}-----"
@kind("pem1", "secret")
def _(d):
    """on one line with \\n escapes (JSON, .env)"""
    return KINDS["pem"][0](d, d.rng.choice(["PRIVATE KEY", "RSA PRIVATE KEY"])).replace("\n", "\\n")
@kind("cred", "url_credentials")
def _(d, user=None):
    u = user or d.rng.choice(["admin", "svc_report", "app", "deploy", "etl", "backup", "shop_rw", "crawler", "postgres", "root", "ci-bot", d.person(1).user])
    pw = d.rng.choice([d.chars(ALNUM, d.rng.randint(9, 18)) + d.rng.choice(DIG), d.rng.choice(WORDS) + str(d.rng.randint(10, 9999)), d.rng.choice(WORDS) + str(d.rng.randint(10, 99)) + d.rng.choice(["%21", "%23", "!", "%40x"]), d.chars(LOW, 5) + "-" + d.chars(ALNUM, 6) + d.rng.choice(DIG)])
    return u + ":" + pw


# ---- labelled: national numbers
@kind("ssn", "us_ssn")
def _(d, how="hyphen"):
    while True:
        a = d.rng.randint(1, 899)
        if a != 666: break
    s = f"{a:03d}-{d.rng.randint(1, 99):02d}-{d.rng.randint(1, 9999):04d}"
    return s if how == "hyphen" else s.replace("-", "") if how == "plain" else s.replace("-", " ")
@kind("taxid", "de_tax_id")
def _(d, how=None):
    r = d.rng
    while True:
        ds = r.sample(DIG, 9)
        dup = r.choice(ds)
        b = ds + [dup]
        r.shuffle(b)
        if b[0] != "0": break
    p = 10
    for c in b:
        s = (int(c) + p) % 10 or 10
        p = s * 2 % 11
    cd = (11 - p) % 10
    v = "".join(b) + str(cd)
    how = how or r.choice(["plain", "space"])
    return v if how == "plain" else grp(v, (2, 3, 3, 3), " ")
@kind("dni", "es_dni")
def _(d, how=None):
    r = d.rng
    how = how or r.choice(["dni", "dni", "dni-", "dni.", "nie", "nie-"])
    if how.startswith("nie"):
        k, n = r.choice("XYZ"), d.digs(7)
        l = DNI[int("XYZ".index(k).__str__() + n) % 23]
        return f"{k}-{n}-{l}" if how == "nie-" else k + n + l
    n = d.digs(8, "01234567")
    l = DNI[int(n) % 23]
    if how == "dni.": return f"{n[:2]}.{n[2:5]}.{n[5:]}-{l}"
    return n + ("-" if how == "dni-" else "") + l
@kind("cf", "it_codice_fiscale")
def _(d, how=None, i=1):
    p = d.person(i)
    def cv(s):
        s = re.sub(r"[^A-Z]", "", fold(s).upper())
        return [c for c in s if c not in "AEIOU"], [c for c in s if c in "AEIOU"]
    c, v = cv(p.last)
    s = "".join((c + v + ["X"] * 3)[:3])
    c, v = cv(p.first)
    if len(c) > 3: c = [c[0], c[2], c[3]]
    s += "".join((c + v + ["X"] * 3)[:3])
    day = p.dob.day + (40 if p.sex == "F" else 0)
    s += f"{p.dob.year % 100:02d}" + "ABCDEHLMPRST"[p.dob.month - 1] + f"{day:02d}" + d.rng.choice("H501 F205 L219 F839 D612 A944 G273 A662 C351 L736 D969 G224 Z140".split())
    t = sum(CF_ODD[ch] if k % 2 == 0 else (int(ch) if ch.isdigit() else ord(ch) - 65) for k, ch in enumerate(s))
    s += chr(65 + t % 26)
    return s.lower() if how == "lower" else s
@kind("nir", "fr_nir")
def _(d, how=None, i=1):
    p = d.person(i)
    dep = d.rng.choice([f"{x:02d}" for x in range(1, 96) if x != 20] + ["2A", "2B"])
    b = ("1" if p.sex == "M" else "2") + f"{p.dob.year % 100:02d}{p.dob.month:02d}" + dep + f"{d.rng.randint(1, 560):03d}{d.rng.randint(1, 460):03d}"
    key = 97 - int(b.replace("2A", "19").replace("2B", "18") if dep in ("2A", "2B") else b) % 97
    if dep in ("2A", "2B"):
        key = 97 - int(b[:5] + {"2A": "19", "2B": "18"}[dep] + b[7:]) % 97
    how = how or d.rng.choice(["plain", "space", "space"])
    return b + f"{key:02d}" if how == "plain" else f"{b[0]} {b[1:3]} {b[3:5]} {b[5:7]} {b[7:10]} {b[10:13]} {key:02d}"
@kind("nhs", "uk_nhs")
def _(d, how=None):
    while True:
        b = d.digs(9, "46479")
        c = 11 - sum(int(x) * (10 - i) for i, x in enumerate(b)) % 11
        if c != 10: break
    b += str(c % 11)
    how = how or d.rng.choice(["plain", "space", "space"])
    return b if how == "plain" else grp(b, (3, 3, 4), " " if how == "space" else "-")
@kind("nino", "uk_nino")
def _(d, how=None):
    while True:
        p = d.chars("ABCEGHJKLMNOPRSTWXYZ", 1) + d.chars("ABCEGHJKLMNPRSTWXYZ", 1)
        if p not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ") and p[0] not in "O": break
    n = d.digs(6)
    s = d.rng.choice("ABCD")
    how = how or d.rng.choice(["plain", "space"])
    return p + n + s if how == "plain" else f"{p} {n[:2]} {n[2:4]} {n[4:]} {s}"
@kind("bsn", "nl_bsn")
def _(d, how=None):
    while True:
        b = d.digs(8, "1234567")
        c = sum(int(x) * (9 - i) for i, x in enumerate(b)) % 11
        if c < 10: break
    v = b + str(c)
    how = how or ("plain" if d.rng.random() < .8 else d.rng.choice(["dot", "space"]))
    return v if how == "plain" else grp(v, (4, 2, 3), "." if how == "dot" else " ")
@kind("pesel", "pl_pesel")
def _(d, i=1):
    p = d.person(i)
    m = p.dob.month + (20 if p.dob.year >= 2000 else 0)
    b = f"{p.dob.year % 100:02d}{m:02d}{p.dob.day:02d}" + d.digs(3) + str(d.rng.choice("13579" if p.sex == "M" else "02468"))
    return b + str(-sum(int(x) * w for x, w in zip(b, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10)
@kind("cpf", "br_cpf")
def _(d, how=None):
    while True:
        b = d.digs(9)
        if len(set(b)) > 2: break
    for n in (10, 11):
        r = sum(int(x) * (n - i) for i, x in enumerate(b)) * 10 % 11
        b += str(r % 10)
    how = how or d.rng.choice(["fmt", "fmt", "plain"])
    return b if how == "plain" else f"{b[:3]}.{b[3:6]}.{b[6:9]}-{b[9:]}"
@kind("aadhaar", "in_aadhaar")
def _(d, how=None):
    b = d.digs(11, "23456789")
    b += verhoeff_digit(b)
    how = how or d.rng.choice(["space", "space", "plain", "hyphen"])
    return b if how == "plain" else grp(b, (4, 4, 4), " " if how == "space" else "-")
@kind("pnr", "se_personnummer")
def _(d, how=None, i=1):
    p = d.person(i)
    s = p.dob.strftime("%y%m%d") + d.digs(2) + d.rng.choice("13579" if p.sex == "M" else "02468")
    s += luhn_digit(s)
    how = how or d.rng.choice(["short", "short", "long", "longplain"])
    if how == "short": return s[:6] + "-" + s[6:]
    if how == "long": return p.dob.strftime("%Y%m%d") + "-" + s[6:]
    if how == "shortplain": return s
    return p.dob.strftime("%Y%m%d") + s[6:]
@kind("hetu", "fi_hetu")
def _(d, i=1):
    p = d.person(i)
    n = d.rng.randint(2, 899)
    if n % 2 != (1 if p.sex == "M" else 0): n = n + 1 if n < 898 else n - 1
    b = p.dob.strftime("%d%m%y") + f"{n:03d}"
    sep = "A" if p.dob.year >= 2000 else "-"
    return b[:6] + sep + b[6:] + HETU[int(b) % 31]
MRZC = dict(us="USA", uk="GBR", ca="CAN", au="AUS", ie="IRL", de="D<<", at="AUT", ch="CHE", fr="FRA", es="ESP", it="ITA", nl="NLD", pt="PRT", br="BRA", pl="POL", se="SWE", fi="FIN", dk="DNK", no="NOR", cz="CZE")
MRZC["in"] = "IND"
@kind("mrz", "passport_mrz")
def _(d, i=1):
    p = d.person(i)
    c = MRZC[p.loc]
    tr = lambda s: re.sub(r"[^A-Z<]", "", re.sub(r"[ '-]", "<", (fold_de if p.loc in ("de", "at", "ch") else fold)(s).upper()))
    l1 = ("P<" + c + tr(p.last) + "<<" + tr(p.first)).ljust(44, "<")[:44]
    num = d.rng.choice([d.digs(9, "123456789"), d.chars("CFGHJKLMNPRTVWXYZ", 1) + d.chars("CFGHJKLMNPRTVWXYZ0123456789", 8), d.chars(UP, 2) + d.digs(7)])
    exp = (TODAY + datetime.timedelta(days=d.rng.randrange(100, 3500))).strftime("%y%m%d")
    opt = "<" * 14
    dob = p.dob.strftime("%y%m%d")
    l2 = num + mrz_cd(num) + c + dob + mrz_cd(dob) + p.sex + exp + mrz_cd(exp) + opt
    l2 += d.rng.choice("0<")
    l2 += mrz_cd(l2[0:10] + l2[13:20] + l2[21:43])
    return l1 + "\n" + l2


# ---- near misses (never labelled): a wrong check digit or an impossible form
def spoil_last(s, rng):
    i = max(k for k, c in enumerate(s) if c.isdigit())
    return s[:i] + str((int(s[i]) + rng.randint(1, 9)) % 10) + s[i + 1:]
def bad(name, fn):
    KINDS["bad." + name] = (fn, None)
for _n in ("card", "iban", "taxid", "nhs", "bsn", "pesel", "cpf", "aadhaar", "imei"):
    def _mk(n):
        def f(d, *a):
            for _ in range(50):
                v = spoil_last(KINDS[n][0](d, *a), d.rng)
                if not CHECK[KINDS[n][1]](v): return v
            raise Redraw("bad")
        return f
    bad(_n, _mk(_n))
bad("ssn", lambda d: d.rng.choice([f"000-{d.rng.randint(10, 99)}-{d.digs(4, '123456789')}", f"666-{d.rng.randint(10, 99)}-{d.digs(4, '123456789')}", f"9{d.digs(2)}-{d.rng.randint(10, 49)}-{d.digs(4, '123456789')}", f"{d.rng.randint(100, 600)}-00-{d.digs(4, '123456789')}", f"{d.rng.randint(100, 600)}-{d.rng.randint(10, 99)}-0000"]))
def _badletter(name, alpha):
    def f(d, *a):
        for _ in range(50):
            v = KINDS[name][0](d, *a)
            v = v[:-1] + d.rng.choice([c for c in alpha if c != v[-1].upper()])
            if not CHECK[KINDS[name][1]](v): return v
        raise Redraw("bad")
    return f
bad("dni", _badletter("dni", DNI))
bad("cf", _badletter("cf", UP))
bad("hetu", _badletter("hetu", HETU))
bad("nino", lambda d: d.rng.choice(["BG", "GB", "NK", "DA", "QQ", "FY", "IV", "ZZ"]) + d.digs(6) + d.rng.choice("ABCD") if d.rng.random() < .6 else d.chars("ABCEGHJ", 2).replace("BG", "AB").replace("GB", "AB") + d.digs(6) + d.rng.choice("EFGHZ"))
def _badnir(d, *a):
    v = KINDS["nir"][0](d, *a)
    k = (int(v[-2:]) + d.rng.randint(1, 60)) % 97 or 3
    v = v[:-2] + f"{k:02d}"
    if CHECK["fr_nir"](v): raise Redraw("nir")
    return v
bad("nir", _badnir)
def _badpnr(d, *a):
    v = spoil_last(KINDS["pnr"][0](d, *a), d.rng)
    return v
bad("pnr", _badpnr)
def _badmrz(d):
    v = KINDS["mrz"][0](d)
    return v[:-1] + str((int(v[-1]) + d.rng.randint(1, 9)) % 10)
bad("mrz", _badmrz)
def _badbtc(d):
    v = KINDS["btc"][0](d)
    i = d.rng.randrange(8, len(v) - 2)
    alpha = B32 if v.startswith("bc1") else B58
    return v[:i] + d.rng.choice([c for c in alpha if c != v[i]]) + v[i + 1:]
bad("btc", _badbtc)


class Redraw(Exception):
    pass


# ------------------------------------------------- separate check functions (verification)
def only_digits(s):
    return re.sub(r"\D", "", s)
def luhn_ok(s):
    tab = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    return sum(tab[int(c)] if i % 2 else int(c) for i, c in enumerate(s[::-1])) % 10 == 0
def ck_card(s):
    if not re.fullmatch(r"\d(?:[ -]?\d){12,18}", s): return False
    n = only_digits(s)
    i2, i3, i4, i6 = int(n[:2]), int(n[:3]), int(n[:4]), int(n[:6])
    L = len(n)
    ok = (n[0] == "4" and L in (13, 16, 19)) or (51 <= i2 <= 55 and L == 16) or (2221 <= i4 <= 2720 and L == 16) or (i2 in (34, 37) and L == 15) \
        or ((i4 == 6011 or 644 <= i3 <= 649 or i2 == 65) and 16 <= L <= 19) or ((300 <= i3 <= 305 or i2 in (36, 38, 39)) and L in (14, 16, 19)) or (3528 <= i4 <= 3589 and 16 <= L <= 19) \
        or (i2 == 62 and 16 <= L <= 19) or (i2 in (50, 56, 57, 58, 67, 63) and 12 <= L <= 19)
    return ok and luhn_ok(n)
def ck_iban(s):
    v = s.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]+", v) or IBAN_LEN.get(v[:2]) != len(v): return False
    m = 0
    for c in v[4:] + v[:4]:
        m = (m * (100 if c.isalpha() else 10) + int(c, 36)) % 97
    return m == 1
def ck_crypto(s):
    if s.startswith("0x"):
        if not re.fullmatch(r"0x[0-9a-fA-F]{40}", s): return False
        a = s[2:]
        if a == a.lower() or a == a.upper(): return True
        h = keccak256(a.lower().encode()).hex()
        return all((c.upper() == c) == (h[i] in "89abcdef") for i, c in enumerate(a) if c.isalpha())
    if s.startswith("bc1"):
        if len(s) not in (42, 62): return False
        data = [B32.find(c) for c in s[3:]]
        if min(data) < 0: return False
        return bech_polymod([3, 3, 0, 2, 3] + data) == (1 if data[0] == 0 else 0x2bc830a3)
    n = 0
    for c in s:
        if c not in B58: return False
        n = n * 58 + B58.index(c)
    if n.bit_length() > 200: return False
    raw = n.to_bytes(25, "big")
    return s[0] in "13" and hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]
def ck_ip(s):
    try: a = ipaddress.ip_address(s)
    except ValueError: return False
    return not (a.is_loopback or a.is_unspecified or a.is_multicast or s.startswith("255."))
def ck_mac(s):
    return bool(re.fullmatch(r"(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}", s)) and len(set(re.sub(r"[^0-9a-f]", "", s.lower()))) > 1
def ck_imei(s):
    n = only_digits(s); return len(n) == 15 and luhn_ok(n)
def ck_ssn(s):
    m = re.fullmatch(r"(\d{3})([- ]?)(\d\d)\2(\d{4})", s)
    return bool(m) and m[1] not in ("000", "666") and m[1][0] != "9" and m[3] != "00" and m[4] != "0000"
def ck_taxid(s):
    n = s.replace(" ", "")
    if not re.fullmatch(r"[1-9]\d{10}", n): return False
    c = collections.Counter(n[:10])
    if sorted(c.values())[-1] not in (2, 3) or sum(v > 1 for v in c.values()) != 1: return False
    m = 10
    for x in n[:10]:
        t = (m + int(x)) % 10
        m = (20 if t == 0 else 2 * t) % 11
    return (m + int(n[10])) % 10 == 1
def ck_dni(s):
    v = s.replace(".", "").replace("-", "").upper()
    m = re.fullmatch(r"([XYZ]\d{7}|\d{8})([A-Z])", v)
    return bool(m) and "TRWAGMYFPDXBNJZSQVHLCKE"[int(m[1].translate(str.maketrans("XYZ", "012"))) % 23] == m[2]
def ck_cf(s):
    v = s.upper()
    if not re.fullmatch(r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]", v): return False
    day = int(v[9:11])
    if not (1 <= day <= 31 or 41 <= day <= 71): return False
    odd = {c: n for c, n in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23))}
    t = 0
    for pos, c in enumerate(v[:15], 1):
        k = "ABCDEFGHIJ"[int(c)] if c.isdigit() else c
        t += odd[k] if pos % 2 else ord(k) - 65
    return chr(65 + t % 26) == v[15]
def ck_nir(s):
    v = s.replace(" ", "").upper()
    if not re.fullmatch(r"[12]\d\d(?:0[1-9]|1[0-2])(?:\d\d|2A|2B)\d{8}", v): return False
    n = v[:13]
    n = int(n[:5] + {"2A": "19", "2B": "18"}.get(n[5:7], n[5:7]) + n[7:])
    return (n + int(v[13:])) % 97 == 0 and 1 <= int(v[13:]) <= 97
def ck_nhs(s):
    n = re.sub(r"[ -]", "", s)
    if not re.fullmatch(r"\d{10}", n): return False
    return sum(int(n[i]) * (10 - i) for i in range(9)) % 11 == (11 - int(n[9])) % 11 and (11 - sum(int(n[i]) * (10 - i) for i in range(9)) % 11) != 10
def ck_nino(s):
    v = s.replace(" ", "")
    return bool(re.fullmatch(r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]\d{6}[A-D]", v)) and v[:2] not in "BG GB NK KN TN NT ZZ".split()
def ck_bsn(s):
    n = re.sub(r"[ .]", "", s)
    return bool(re.fullmatch(r"\d{9}", n)) and (sum(int(n[i]) * (9 - i) for i in range(8)) - int(n[8])) % 11 == 0 and set(n) != {"0"}
def ck_pesel(s):
    if not re.fullmatch(r"\d{11}", s): return False
    if (sum(int(c) * (1, 3, 7, 9)[i % 4] for i, c in enumerate(s[:10])) + int(s[10])) % 10: return False
    m = int(s[2:4]); cent = {0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}[m // 20]
    try: datetime.date(cent + int(s[:2]), m % 20, int(s[4:6]))
    except ValueError: return False
    return True
def ck_cpf(s):
    if not re.fullmatch(r"\d{11}|\d{3}\.\d{3}\.\d{3}-\d\d", s): return False
    n = [int(c) for c in only_digits(s)]
    if len(set(n)) == 1: return False
    for k in (9, 10):
        r = sum(a * b for a, b in zip(n[:k], range(k + 1, 1, -1))) % 11
        if n[k] != (0 if r < 2 else 11 - r): return False
    return True
def ck_aadhaar(s):
    n = re.sub(r"[ -]", "", s)
    if not re.fullmatch(r"[2-9]\d{11}", n): return False
    inv = n[::-1]; c = 0
    for i, x in enumerate(inv): c = VD[c][VP[i % 8][int(x)]]
    return c == 0
def ck_pnr(s):
    m = re.fullmatch(r"(\d\d)?(\d{6})([-+]?)(\d{4})", s)
    if not m or not luhn_ok(m[2] + m[4]): return False
    y = int((m[1] or "19") + m[2][:2])
    try: datetime.date(y, int(m[2][2:4]), int(m[2][4:]))
    except ValueError:
        try: datetime.date(y + 100, int(m[2][2:4]), int(m[2][4:]))
        except ValueError: return False
    return True
def ck_hetu(s):
    m = re.fullmatch(r"(\d\d)(\d\d)(\d\d)([-+A-FU-Y])(\d{3})([0-9A-Y])", s)
    if not m or not 2 <= int(m[5]) <= 899: return False
    try: datetime.date((2000 if m[4] in "ABCDEF" else 1900) + int(m[3]), int(m[2]), int(m[1]))
    except ValueError: return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(m[1] + m[2] + m[3] + m[5]) % 31] == m[6]
def ck_mrz(s):
    p = s.split("\n")
    p = [x.strip() for x in p]
    if len(p) != 2 or any(len(x) != 44 for x in p) or not p[0].startswith("P<"): return False
    val = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}; val["<"] = 0
    cd = lambda t: str(sum(val[c] * (7, 3, 1)[i % 3] for i, c in enumerate(t)) % 10)
    b = p[1]
    return cd(b[:9]) == b[9] and cd(b[13:19]) == b[19] and cd(b[21:27]) == b[27] and (cd(b[28:42]) == b[42] or (b[42] == "<" and set(b[28:42]) == {"<"})) and cd(b[:10] + b[13:20] + b[21:43]) == b[43]
def ck_email(s):
    return bool(re.fullmatch(r"[\w.+'-]+@(?:[\w-]+\.)+[a-z]{2,}", s)) and ".." not in s
def ck_phone(s):
    return bool(re.fullmatch(r"[+(\d][\d ()./-]*\d", s)) and 8 <= len(only_digits(s)) <= 14
def ck_addr(s):
    return bool(re.search(r"\d", s)) and bool(re.search(r"[^\W\d]", s))
def ck_secret(s):
    return len(s) >= 6 and (not re.search(r"\s", s) or s.startswith("-----BEGIN"))
def ck_cred(s):
    return bool(re.fullmatch(r"[\w.%-]+:[\w.%!-]+", s))
def ck_dob(s):
    return bool(re.search(r"(?:19|20)\d\d", s) or re.fullmatch(r"\d\d/\d\d/\d\d", s)) and bool(re.search(r"\d", s))
CHECK = dict(email=ck_email, phone=ck_phone, address=ck_addr, card=ck_card, iban=ck_iban, crypto=ck_crypto, ip=ck_ip, mac=ck_mac, imei=ck_imei, secret=ck_secret, url_credentials=ck_cred,
  us_ssn=ck_ssn, de_tax_id=ck_taxid, es_dni=ck_dni, it_codice_fiscale=ck_cf, fr_nir=ck_nir, uk_nhs=ck_nhs, uk_nino=ck_nino, nl_bsn=ck_bsn, pl_pesel=ck_pesel, br_cpf=ck_cpf, in_aadhaar=ck_aadhaar,
  se_personnummer=ck_pnr, fi_hetu=ck_hetu, passport_mrz=ck_mrz, birth_date=ck_dob)

# published examples, so that a slip in a rule shows at once
assert ck_card("4111 1111 1111 1111") and ck_card("378282246310005") and not ck_card("4111111111111112")
assert ck_iban("DE89 3704 0044 0532 0130 00") and ck_iban("GB29NWBK60161331926819") and not ck_iban("DE88370400440532013000")
assert ck_crypto("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa") and ck_crypto("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4") and ck_crypto("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
assert ck_crypto("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")
assert ck_taxid("86095742719") and ck_dni("12345678Z") and ck_cf("RSSMRA85T10A562S") and ck_nhs("943 476 5919") and ck_nino("AB123456C") and ck_bsn("111222333")
assert ck_pesel("44051401359") and ck_cpf("529.982.247-25") and ck_pnr("811228-9874") and ck_hetu("131052-308T") and ck_imei("490154203237518") and ck_aadhaar("999941057058")
assert ck_nir("255081416802538") and ck_mrz("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")


# ---------------------------------------------- search for values valid by accident
PROV_RE = re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b|\bgh[pos]_\w{20}|github_pat_\w{10}|glpat-\w{10}|xox[bp]-\d{5}|\b[sr]k_(?:live|test)_\w{8}|whsec_\w{8}|AIza[\w-]{30}|GOCSPX-|\bsk-[\w-]{18}|\bhf_\w{20}|npm_\w{20}|pypi-Ag|\bSG\.[\w-]{10}|dop_v1_|shp(?:at|ss)_|eyJ[\w-]{10}|PRIVATE KEY-----")
def residue(text, skip=()):
    """what is left of a text (labels blanked) that looks like a labelled type"""
    out = []
    def add(t, v):
        if t not in skip: out.append((t, v))
    for m in re.finditer(r"[\w.+-]+@[\w-]+\.[\w.-]*\w", text): add("email", m[0])
    for m in re.finditer(r"(?<![\w.])\d(?:[ -]?\d){11,18}(?![\w])", text):
        if ck_card(m[0]): add("card", m[0])
    for m in re.finditer(r"(?<!\w)\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}(?!\w)|(?<!\w)\d{4}[ -]\d{6}[ -]\d{5}(?!\w)", text):
        if ck_card(m[0]): add("card", m[0])
    for m in re.finditer(r"(?i)\b[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}", text):
        v = m[0].replace(" ", "")
        n = IBAN_LEN.get(v[:2].upper())
        if n and len(v) >= n and ck_iban(v[:n]): add("iban", m[0])
    for m in re.finditer(r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[a-z0-9]{39,59}|0x[0-9a-fA-F]{40})\b", text):
        if ck_crypto(m[0]): add("crypto", m[0])
    for m in re.finditer(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)", text):
        if ck_ip(m[0]) and all(int(x) < 256 for x in m[0].split(".")): add("ip", m[0])
    for m in re.finditer(r"(?<![\w:])[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*(?![\w:])", text):
        if m[0].count(":") >= 2 and ck_ip(m[0]): add("ip", m[0])
    for m in re.finditer(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])|(?<![\w.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![\w.])", text):
        if ck_mac(m[0]): add("mac", m[0])
    for rx, t in ((r"(?<![\w-])\d{3}-\d\d-\d{4}(?![\w-])", "us_ssn"), (r"(?<!\w)(?:[XYZ]-?\d{7}|\d{2}\.?\d{3}\.?\d{3})-?[A-Z](?!\w)", "es_dni"), (r"(?i)\b[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]\b", "it_codice_fiscale"),
                  (r"(?<!\w)[12] ?\d\d ?\d\d ?(?:\d\d|2A|2B) ?\d{3} ?\d{3} ?\d\d(?!\w)", "fr_nir"), (r"\b[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b", "uk_nino"), (r"(?<!\w)\d{3}\.\d{3}\.\d{3}-\d\d(?!\w)|(?<!\w)\d{11}(?!\w)", "br_cpf"),
                  (r"(?<!\w)\d{4}[ -]?\d{4}[ -]?\d{4}(?!\w)", "in_aadhaar"), (r"(?<!\w)(?:\d\d)?\d{6}[-+]?\d{4}(?!\w)", "se_personnummer"), (r"(?<!\w)\d{6}[-+A]\d{3}[0-9A-Y](?!\w)", "fi_hetu"),
                  (r"(?<!\w)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\w)", "uk_nhs"), (r"(?<!\w)\d{9}(?!\w)", "nl_bsn"), (r"(?<!\w)\d{11}(?!\w)", "pl_pesel"), (r"(?<!\w)\d{2} ?\d{3} ?\d{3} ?\d{3}(?!\w)", "de_tax_id"), (r"(?<!\w)\d{15}(?!\w)", "imei")):
        for m in re.finditer(rx, text):
            if CHECK[t](m[0]): add(t, m[0])
    for m in re.finditer(r"P<[A-Z<]{42}\n\s*[A-Z0-9<]{44}", text):
        if ck_mrz(m[0]): add("passport_mrz", m[0])
    for m in PROV_RE.finditer(text): add("secret", m[0])
    for m in re.finditer(r"://[^/\s:@]+:[^/\s@]+@", text): add("url_credentials", m[0])
    for m in re.finditer(r"(?<!\w)(?:\+|00)[1-9]\d{0,2}[ \d().-]{7,}", text): add("phone", m[0])
    return out


# --------------------------------------------------------------------------- templates
# === name | locales | register [| flags]        then the text
# @{kind:args#key}  a value;  @{!kind}  the same but not labelled (hard documents only)
# @<a|b|c>          one of the choices;   "%%? " line kept half of the time
# %%rep a-b [sep=,] ... %%end   lines repeated with a new person each time
POS, HARD = "", ""
POS += r'''
=== ssn-hr-onboarding-mail | us | email
Subject: I-9 / W-4 paperwork for @{name}

Hi Payroll,

@{first} starts on Monday. Here is what you asked for:

Legal name: @{name}
Social Security Number: @{ssn}
Date of birth: @{dob:num}
Home address: @{addr:1}
Personal cell: @{phone}

Let me know if anything is missing.
@{name:2}
HR Generalist, @{company}
=== ssn-csv-payroll | us | csv
employee_id,last_name,first_name,ssn,hire_date,annual_salary
%%rep 3-7
E@{dig:5},@{last},@{first},@{ssn},@{date:iso},@{int:41,148}000
%%end
=== ssn-chat-verify | us | dialogue
Agent: Thanks for calling @{company}, this is @{first:2}. How can I help?
User: I'm locked out of my retirement account
Agent: I can help. Can I get your full Social Security number please?
User: @{ssn}
Agent: And your date of birth?
User: @{dob}
Agent: Perfect, thank you @{first}. @<One moment.|Give me a second to pull that up.>
=== ssn-chat-plain9 | us | dialogue
User: I want to check the status of my 1099
Assistant: Sure. Please type your SSN, digits only, so I can locate the form.
User: @{ssn:plain}
Assistant: Got it. The @{year} form for @{name} was mailed on @{date:long}.
=== ssn-json-applicant | us | json
{
  "application_id": "@{uuid}",
  "applicant": {
    "name": "@{name}",
    "ssn": "@{ssn}",
    "dob": "@{dob:iso}",
    "phone": "@{phone}",
    "email": "@{email}"
  },
  "co_applicant": {"name": "@{name:2}", "ssn": "@{ssn}", "dob": "@{dob:iso,2}"},
  "requested_amount": @{int:5,60}000
}
=== ssn-w9-form | us | form
Form W-9 (Rev. March 2024)
Request for Taxpayer Identification Number and Certification

1  Name (as shown on your income tax return): @{name}
3  Federal tax classification: [X] Individual/sole proprietor
5  Address (number, street, and apt. or suite no.): @{street}
6  City, state, and ZIP code: @{citystate} @{zip}

Part I  Taxpayer Identification Number (TIN)
Social security number: @{ssn}

Signature: @{name}     Date: @{date:num}
=== ssn-sql-insert | us | sql
INSERT INTO members (member_no, full_name, ssn, email, created) VALUES
%%rep 3-5 sep=,
  (@{dig:6}, '@{first} @{last:2}', '@{ssn}', '@{emailnew:free}', '@{date:iso}')
%%end
;
=== ssn-lease-application | us | contract
RESIDENTIAL LEASE APPLICATION

Applicant: @{name}      SSN: @{ssn}      DOB: @{dob:num}
Current address: @{addr:1}
Phone: @{phone}         E-mail: @{email}

Co-applicant: @{name:2}  SSN: @{ssn}      DOB: @{dob:num,2}

Applicant authorizes @{company} to obtain a consumer credit report. Application fee $@{int:25,75}, non-refundable.
=== ssn-medical-intake | us | medical
PATIENT REGISTRATION
Last: @{last}   First: @{first}   Sex: @{sex}
DOB: @{dob:num}   SSN: @{ssn}
Insurance: Blue Shield PPO   Group: @{code:6}
Emergency contact: @{name:2} (spouse) @{phone}
Chief complaint: @<lower back pain x 3 weeks|persistent cough|annual physical, no concerns>
=== ssn-sms-family | us | chat
hey mom can you text me my social again?? the bank guy is waiting
[@{time}] Mom: @{ssn}
[@{time}] thx!! ok and whats dads
[@{time}] Mom: @{ssn} why do they need his
=== ssn-xml-1095 | us | xml
<?xml version="1.0" encoding="UTF-8"?>
<CoveredIndividuals>
%%rep 2-4
  <Individual>
    <Name>@{name}</Name>
    <SSN>@{ssn}</SSN>
    <BirthDt>@{dob:iso}</BirthDt>
  </Individual>
%%end
</CoveredIndividuals>
=== ssn-note-crm-plain | us | crm
@{date:num} @{time} - call w/ @{name}. Client confirmed SSN @{ssn:plain}, wants to roll over old 401k. Callback @{phone}, best after @{int:3,6}pm. Mailing address on file is outdated, new one: @{addr:1}
=== ssn-transcript-ivr | us | transcript
[00:00:@{int:10,29}] AGENT: For security, could you read me your social?
[00:00:@{int:30,40}] CALLER: Sure, it's @{ssn}.
[00:00:@{int:41,50}] AGENT: Thank you. And the last four on your husband's? Actually I need the full one.
[00:01:@{int:10,20}] CALLER: His is @{ssn}.
[00:01:@{int:30,50}] AGENT: Great, I've merged both profiles.
=== ssn-markdown-table | us | table
| Beneficiary | Relationship | SSN | Share |
|---|---|---|---|
%%rep 3-5
| @{name} | @<son|daughter|spouse|sibling> | @{ssn} | @{int:10,50}% |
%%end
=== taxid-hr-stammblatt | de | form
Personalstammblatt

Name, Vorname: @{lastfirst}
Geburtsdatum: @{dob:num}
Anschrift: @{addr:1}
Steuer-ID: @{taxid}
IBAN: @{iban}
Krankenkasse: @<TK|AOK Plus|Barmer|DAK>
Eintrittsdatum: @{date:num}
=== taxid-mail-lohn | de | email
Betreff: Steuer-ID nachgereicht

Hallo Frau @{last:2},

anbei die fehlende steuerliche Identifikationsnummer: @{taxid}. Meine Tochter wird beim Kindergeld unter @{taxid} geführt.

Viele Grüße
@{name}
Tel. @{phone}
=== taxid-csv | de | csv
Personalnr;Nachname;Vorname;Steuer-ID;Steuerklasse
%%rep 3-7
@{dig:4};@{last};@{first};@{taxid:plain};@{int:1,5}
%%end
=== taxid-dialog | de | dialogue
Kunde: Ich brauche eine Kopie meiner Lohnsteuerbescheinigung.
Agent: Gerne. Wie lautet Ihre Steuer-Identifikationsnummer?
Kunde: @{taxid}
Agent: Vielen Dank, Herr @{last}. Die Bescheinigung für @{year} geht an @{email}. Ist das noch aktuell?
Kunde: Ja, passt.
=== taxid-json | de | json
{"mitarbeiter": {"vorname": "@{first}", "nachname": "@{last}", "steuer_id": "@{taxid:plain}", "geburtsdatum": "@{dob:iso}", "konfession": "--"}, "arbeitgeber": "@{company}"}
=== taxid-finanzamt-brief | de | letter
Finanzamt @{city}

@{name}
@{addr:2}

Identifikationsnummer @{taxid:space}
(Bitte bei Rückfragen angeben)

Bescheid für @{year} über Einkommensteuer

Festgesetzt werden @{amt:200,4000} Euro. Bitte überweisen Sie den Betrag bis zum @{fdate:num} auf das Konto IBAN @{iban:space,DE}.
=== taxid-kindergeld-form | de | form
Antrag auf Kindergeld (KG 1)

1 Angaben zur antragstellenden Person
Steuerliche Identifikationsnummer: @{taxid}
Familienname: @{last}   Vorname: @{first}
Geburtsdatum: @{dob:num}

3 Angaben zum Kind
Steuer-ID des Kindes: @{taxid}
Vorname: @{first:8}
=== taxid-chat-wg | de | chat
[@{time}] @{first}: hey hast du meine steuer id irgendwo notiert? liegt auf dem lohnzettel in der küche
[@{time}] @{first:2}: ja warte
[@{time}] @{first:2}: @{taxid}
[@{time}] @{first}: ❤️ danke
=== taxid-xml-elster | de | xml
<Arbeitnehmer>
%%rep 2-4
  <Person>
    <IdNr>@{taxid:plain}</IdNr>
    <Name>@{last}</Name>
    <Vorname>@{first}</Vorname>
    <Geburtsdatum>@{dob:iso}</Geburtsdatum>
  </Person>
%%end
</Arbeitnehmer>
=== taxid-ticket-en | de/en | ticket
Ticket #@{ref} - Missing tax data (Germany)

Employee @{name} in the @{city} office has no Steuer-ID in Workday. She sent it by mail this morning: @{taxid}. Please add it before the payroll cut-off on @{fdate:long}. The second case, @{name:2}, has @{taxid}.
=== taxid-md-tabelle | de | table
| Name | Steuer-IdNr. | Freibetrag |
|------|--------------|-----------:|
%%rep 3-5
| @{name} | @{taxid} | @{int:0,9}00 € |
%%end
=== taxid-freistellung | de | form
FREISTELLUNGSAUFTRAG FÜR KAPITALERTRÄGE
Gläubiger: @{name}, geb. am @{dob:num}
Identifikationsnummer des Gläubigers: @{taxid}
Ehegatte: @{first:2} @{last}, geb. am @{dob:num,2}
Identifikationsnummer des Ehegatten: @{taxid}
Betrag: bis zu 2.000 EUR gemeinsam
=== taxid-steuerberater-notiz | de | crm
Mandant @{name} (@{company}): Steuer-ID @{taxid:plain}, USt-Voranmeldung bis @{fdate:num}. Rückruf unter @{phone}.
%%? Ehefrau ebenfalls Mandantin, IdNr. @{taxid:space}.
=== dni-contrato | es | contract
CONTRATO DE ARRENDAMIENTO DE VIVIENDA

En @{city}, a @{date:long}

REUNIDOS
De una parte, D./Dña. @{name}, mayor de edad, con DNI @{dni:dni} y domicilio en @{addr:1}, en adelante el ARRENDADOR.
Y de otra, D./Dña. @{name:2}, mayor de edad, con DNI @{dni:dni.}, en adelante el ARRENDATARIO.

La renta se abonará en la cuenta @{iban:space} dentro de los cinco primeros días de cada mes.
=== dni-email-alta | es | email
Asunto: Alta en el gimnasio

Hola, os paso los datos que faltaban para la ficha:

Nombre: @{name}
DNI: @{dni}
Fecha de nacimiento: @{dob:num}
Móvil: @{phone}

Un saludo,
@{first}
=== dni-csv | es | csv
nombre,apellidos,dni_nie,telefono,poblacion
%%rep 3-7
@{first},@{last},@{dni},@{phone:nat},@{city}
%%end
=== dni-dialogo | es | dialogue
Agente: Buenos días, le atiende @{first:2}. ¿En qué puedo ayudarle?
Cliente: Quiero dar de baja la línea.
Agente: De acuerdo. ¿Me dice su DNI o NIE, por favor?
Cliente: @{dni}
Agente: ¿Y su fecha de nacimiento?
Cliente: @{dob}
Agente: Gracias, @{first}. La baja será efectiva el @{fdate:num}.
=== dni-json | es | json
{
  "cliente": {
    "nombre": "@{name}",
    "nif": "@{dni:dni}",
    "email": "@{email}",
    "direccion": "@{street}",
    "cp": "@{zip}",
    "municipio": "@{city}"
  },
  "importe": @{int:20,900}
}
=== dni-factura | es | invoice
FACTURA Nº @{year}/@{dig:4}
@{company}

Cliente: @{name}
NIF: @{dni:dni-}
Dirección: @{addr:1}

Base imponible ......... @{amt:50,800} €
IVA 21% ................ @{amt:10,170} €
Forma de pago: transferencia a @{iban}
=== dni-autorizacion | es | letter
AUTORIZACIÓN

Yo, @{name}, con documento nacional de identidad número @{dni:dni.}, autorizo a @{name:2}, con NIE @{dni:nie-}, a recoger en mi nombre el paquete con referencia PQ@{dig:7}.

En @{city}, a @{date:long}
=== dni-whatsapp | es | chat
[@{time}] @{first}: tía necesito tu dni para los billetes
[@{time}] @{first:2}: @{dni:dni}
[@{time}] @{first:2}: y el de mi madre @{dni:dni}
[@{time}] @{first}: ok comprados!! salimos a las @{time}
=== dni-tabla-md | es | table
| Asistente | NIF/NIE | Menú |
|---|---|---|
%%rep 3-7
| @{name} | @{dni} | @<normal|vegetariano|sin gluten> |
%%end
=== dni-clinica | es | medical
INFORME DE ALTA

Paciente: @{name}     NHC: @{dig:6}
F. nac.: @{dob:num}    DNI: @{dni:dni}
Domicilio: @{addr:1}
Motivo de ingreso: @<apendicitis aguda|fractura de radio distal|neumonía>
Tel. de contacto: @{phone}
Dr. @{name:2}
=== dni-sql | es | sql
UPDATE clientes SET nif = '@{dni:dni}', email = '@{email}' WHERE id = @{dig:5};
UPDATE clientes SET nif = '@{dni:nie}', email = '@{emailnew}' WHERE id = @{dig:5};
=== dni-ticket-en | es/en | ticket
Guest check-in issue at the @{city} property: the police register form rejects the NIE @{dni:nie} although the letter is right. The second guest (DNI @{dni:dni}) went through. Booking BK-@{dig:6}.
=== cf-modulo | it | form
MODULO DI ISCRIZIONE - Anno @{year}

Cognome: @{last}
Nome: @{first}
Nato/a il: @{dob:num}  a: @{city}
Codice fiscale: @{cf}
Residente in: @{addr:1}
Telefono: @{phone}
E-mail: @{email}

Data @{date:num}            Firma @{name}
=== cf-mail | it | email
Oggetto: Dati per fattura

Buongiorno,
vi invio i dati per la fattura della visita:

@{name}
C.F. @{cf}
@{addr:2}

Grazie e cordiali saluti
@{first} @{last}
=== cf-csv | it | csv
id;cognome;nome;codice_fiscale;comune
%%rep 3-7
@{dig:4};@{last};@{first};@{cf};@{city}
%%end
=== cf-dialogo | it | dialogue
Operatore: Buongiorno, sono @{first:2}. Mi può dare il suo codice fiscale?
Utente: @{cf:lower}
Operatore: Perfetto @{first}. Confermo l'appuntamento per il @{fdate:num} alle @{time}.
Utente: Posso cambiare il numero di cellulare? Ora è @{phone}
Operatore: Fatto.
=== cf-json | it | json
{"assistito": {"cognome": "@{last}", "nome": "@{first}", "codiceFiscale": "@{cf}", "dataNascita": "@{dob:iso}", "sesso": "@{sex}"}, "ricetta": "NRE@{dig:6}", "prestazione": "@<visita cardiologica|ecografia addome|radiografia torace>"}
=== cf-contratto | it | contract
CONTRATTO DI LOCAZIONE AD USO ABITATIVO

Tra il/la sig. @{name}, nato/a a @{city} il @{dob:num}, C.F. @{cf}, residente in @{addr:1} (locatore)
e il/la sig. @{name:2}, C.F. @{cf:,2} (conduttore)
si conviene quanto segue: il canone annuo è di euro @{int:4,14}.@{int:1,9}00 da versare sul conto IBAN @{iban:space,IT}.
=== cf-whatsapp | it | chat
@{first}: ciao mi mandi il tuo CF che faccio i biglietti del traghetto
@{first:2}: @{cf:,2}
@{first:2}: quello di @{first:3} invece è @{cf:,3}
@{first}: top 👍
=== cf-referto | it | medical
AZIENDA SANITARIA - REFERTO DI LABORATORIO
Paziente: @{NAME}   Sesso: @{sex}
Data di nascita: @{dob:num}
CF: @{cf}
Richiedente: Dott. @{last:2}
Glicemia 9@{int:0,9} mg/dL   Colesterolo totale 1@{int:60,99} mg/dL
=== cf-xml-fattura | it | xml
<CessionarioCommittente>
  <DatiAnagrafici>
    <CodiceFiscale>@{cf}</CodiceFiscale>
    <Anagrafica><Nome>@{first}</Nome><Cognome>@{last}</Cognome></Anagrafica>
  </DatiAnagrafici>
  <Sede>
    <Indirizzo>@{street}</Indirizzo>
    <CAP>@{zip}</CAP>
    <Comune>@{city}</Comune>
  </Sede>
</CessionarioCommittente>
=== cf-tabella-md | it | table
| Cognome e nome | Codice fiscale | Quota |
|:--|:--|--:|
%%rep 3-7
| @{last} @{first} | @{cf} | @{int:10,80},00 € |
%%end
=== cf-verbale-condominio | it | letter
Verbale di assemblea del @{date:num}
Condominio di @{addr:1}
Presenti: @{name} (C.F. @{cf}), @{name:2} (C.F. @{cf:,2}), @{name:3} per delega.
Si approva il preventivo per il rifacimento del tetto, euro @{int:12,48}.000.
=== cf-ticket-en | it/en | ticket
[BUG] Checkout rejects valid Italian tax codes

Customer @{name} reports that the codice fiscale @{cf} is refused with "invalid format". Reproduced on staging. His wife's (@{cf:,2}) works.
=== nir-form | fr | form
FICHE DE RENSEIGNEMENTS SALARIÉ

Nom : @{last}
Prénom : @{first}
Date de naissance : @{dob:num}
N° de sécurité sociale : @{nir}
Adresse : @{addr:1}
Téléphone : @{phone}
RIB (IBAN) : @{iban:space}
=== nir-mail | fr | email
Objet : Demande d'attestation

Bonjour,

Pourriez-vous m'envoyer une attestation de droits ? Mon numéro de sécu est le @{nir}, celui de mon fils (né le @{dob:num,8}) est rattaché au mien.

Cordialement,
@{name}
@{phone}
=== nir-csv | fr | csv
matricule;nom;prenom;nir;date_entree
%%rep 3-7
@{dig:5};@{last};@{first};@{nir:plain};@{date:num}
%%end
=== nir-dialogue | fr | dialogue
Conseiller : Bonjour, quel est votre numéro de sécurité sociale ?
Assuré : @{nir}
Conseiller : Merci. Et votre date de naissance pour vérification ?
Assuré : @{dob}
Conseiller : C'est bon, @{first}. Votre remboursement de @{amt:10,200} € est parti le @{date:num}.
=== nir-json | fr | json
{"salarie": {"nom": "@{last}", "prenom": "@{first}", "nir": "@{nir:plain}", "adresse": {"voie": "@{street}", "cp": "@{zip}", "ville": "@{city}"}}, "contrat": "CDI", "brut": @{int:1900,5200}}
=== nir-feuille-soins | fr | medical
COMPTE RENDU DE CONSULTATION

Patient : @{NAME}, né(e) le @{dob:num}
NIR : @{nir:space}
Médecin traitant : Dr @{name:2}

Motif : @<douleurs lombaires depuis dix jours|renouvellement d'ordonnance|toux persistante>.
=== nir-bulletin-paie | fr | payslip
BULLETIN DE PAIE — @<janvier|mars|juin|octobre> @{year}
Employeur : @{company}
Salarié : @{name}
N° SS : @{nir}
Adresse : @{addr:2}
Salaire brut : @{amt:1800,4200} €
Net à payer : @{amt:1400,3200} € — viré sur @{iban}
=== nir-sms | fr | chat
@{first} : coucou tu peux me redonner ton num de sécu ? pour la mutuelle
@{first:2} : @{nir:,2}
@{first} : merci ! et celui de ta sœur ?
@{first:2} : @{nir:,3}
=== nir-xml-dsn | fr | xml
<Individus>
%%rep 2-4
  <Individu>
    <NumeroInscription>@{nir:plain}</NumeroInscription>
    <NomFamille>@{last}</NomFamille>
    <Prenoms>@{first}</Prenoms>
    <DateNaissance>@{dob:iso}</DateNaissance>
  </Individu>
%%end
</Individus>
=== nir-tableau | fr | table
| Ayant droit | N° Sécurité sociale | Régime |
|---|---|---|
%%rep 3-5
| @{name} | @{nir:space} | @<général|agricole|SNCF> |
%%end
=== nir-mutuelle-lettre | fr | letter
@{name}
@{addr:2}

À l'attention du service adhésions

Madame, Monsieur,
je souhaite résilier mon contrat n° M@{dig:7} à compter du @{fdate:num}. Numéro de Sécurité sociale : @{nir:space}.
Je reste joignable au @{phone} ou par courriel : @{email}.
=== nir-ticket-en | fr/en | ticket
French payroll: DSN rejected for @{name} because the NIR was truncated to 13 digits. Full number incl. key: @{nir:plain}. Same for @{name:2}: @{nir:plain,2}. Please fix the export mapping.
=== nhs-letter-gp | uk | medical
Dear Dr @{last:2},

Re: @{name}, DOB @{dob:num}
NHS No: @{nhs}
@{addr:1}

Thank you for referring this patient, who I reviewed in clinic on @{date:long}. Blood pressure was 1@{int:20,48}/8@{int:0,9}. I have started @<amlodipine 5 mg|ramipril 2.5 mg|sertraline 50 mg> once daily.

Yours sincerely,
Dr @{name:3}, Consultant
=== nhs-csv | uk | csv
nhs_number,surname,forename,dob,practice_code
%%rep 3-7
@{nhs:plain},@{last},@{first},@{dob:num},@{code:6}
%%end
=== nhs-dialogue | uk | dialogue
Receptionist: Good morning, @{city} Surgery.
Patient: Hi, I'd like my repeat prescription please.
Receptionist: Do you have your NHS number to hand?
Patient: Yes, it's @{nhs}
Receptionist: Lovely. And date of birth?
Patient: @{dob:long}
Receptionist: That'll be ready after @{int:2,5}pm tomorrow.
=== nhs-json-fhir | uk | json
{
  "resourceType": "Patient",
  "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "@{nhs:plain}"}],
  "name": [{"family": "@{last}", "given": ["@{first}"]}],
  "telecom": [{"system": "phone", "value": "@{phone}"}],
  "birthDate": "@{dob:iso}",
  "address": [{"line": ["@{street}"], "city": "@{city}"}]
}
=== nhs-handover-note | uk | medical
WARD 7B HANDOVER @{date:num} @{time}
%%rep 3-5
Bed @{int:1,24}: @{name}, NHS no. @{nhs:space}, @{int:34,89}y @{sex}, obs stable, @<for discharge|awaiting CT|IV abx day 2>
%%end
=== nhs-ticket | uk | ticket
Summary care record not loading

Hi IT, the SCR viewer gives a blank page for NHS number @{nhs}. Other patients are OK, e.g. @{nhs}. Thanks, @{name}
=== nhs-form-reg | uk | form
GMS1 - FAMILY DOCTOR SERVICES REGISTRATION
Surname: @{last}
First names: @{first}
Date of birth: @{dob:num}
NHS Number: @{nhs}
Home address: @{addr:1}
Telephone: @{phone}
Previous GP: Dr @{last:2}
=== nhs-whatsapp | uk | chat
@{first}: mum the vaccine site wants ur nhs number
@{first}: can u find it, its on the letter from the surgery
Mum: @{nhs:space}
Mum: is that the right one love
@{first}: yes x
=== nhs-hl7ish-log | uk | log
@{ts} INFO pds-lookup request nhsNumber=@{nhs:plain} surname=@{last} result=MATCH
@{ts} WARN pds-lookup request nhsNumber=@{nhs:plain} surname=@{last:2} result=SUPERSEDED
@{ts} INFO pds-lookup request nhsNumber=@{nhs:plain} surname=@{last:3} result=MATCH
=== nhs-md-table | uk | table
| Patient | NHS number | Referral | Wait (wks) |
|---|---|---|---|
%%rep 3-7
| @{lastfirst} | @{nhs} | @<ENT|Derm|MSK physio|Cardiology> | @{int:2,38} |
%%end
=== nhs-complaint-mail | uk | email
Subject: Complaint - cancelled appointment

To whom it may concern,

My appointment at the eye clinic was cancelled for the third time. My NHS number is @{nhs} and my hospital number is H@{dig:6}. I can be reached on @{phone} or @{email}.

Regards,
@{name}
=== nhs-discharge-sql | uk | sql
INSERT INTO discharge (episode, nhs_no, ward, discharged_on) VALUES
%%rep 3-5 sep=,
(@{dig:5}, '@{nhs:plain}', '@<4A|7B|AMU|ICU>', '@{date:iso}')
%%end
;
=== nino-starter-form | uk | form
NEW STARTER CHECKLIST (HMRC)
Surname: @{last}
First name(s): @{first}
National Insurance number: @{nino}
Date of birth: @{dob:num}
Address: @{addr:1}
Employment start date: @{fdate:num}
=== nino-email | uk | email
From: @{name} <@{email}>
To: payroll team
Subject: NI number

Hi both,

Sorry for the delay, finally found my NI number: @{nino}. My partner @{first:2} (also starting on the @{int:2,28}th) has @{nino}.

Thanks
@{first}
=== nino-csv | uk | csv
payroll_id,name,ni_number,tax_code,gross
%%rep 3-7
@{dig:5},@{name},@{nino:plain},1257L,@{amt:1500,4200}
%%end
=== nino-dialogue | uk | dialogue
Adviser: Can you tell me your National Insurance number?
Claimant: @{nino}
Adviser: Thanks @{first}. And your date of birth so I can check I've got the right record?
Claimant: @{dob}
Adviser: Brilliant, your claim reference is UC-@{dig:6}.
=== nino-json | uk | json
{"employee": {"name": "@{name}", "niNumber": "@{nino:plain}", "dateOfBirth": "@{dob:iso}", "postcode": "@{zip}"}, "payPeriod": "M@{int:1,12}", "studentLoan": "plan@{int:1,2}"}
=== nino-letter-dwp | uk | letter
@{company} Pensions
@{pobox}

@{name}
@{addr:2}

National Insurance number @{nino:space}

Dear @{first} @{last},

Your workplace pension was transferred on @{date:long}. Please quote your NI number in all correspondence.
=== nino-payslip-ocr | uk | ocr
PAYSLIP    Period 0@{int:1,9}   Tax code 1257L
Emp no @{dig:4}      NI No: @{nino:plain}
@{NAME}
Basic pay      @{amt:1400,3900}
PAYE tax        @{amt:100,600}
Nat. Insurance   @{amt:60,300}
NET PAY        @{amt:1100,3000}
=== nino-xml | uk | xml
<Employees>
%%rep 2-4
  <Employee>
    <NINO>@{nino:plain}</NINO>
    <Name><Fore>@{first}</Fore><Sur>@{last}</Sur></Name>
    <BirthDate>@{dob:iso}</BirthDate>
  </Employee>
%%end
</Employees>
=== nino-slack | uk | chat
@{first} [@{time}]
payroll run failed for two people, NI numbers missing
@{first:2} [@{time}]
got them: @{name:3} is @{nino:space}, @{name:4} is @{nino:space}
@{first} [@{time}]
ta, re-running
=== nino-forum | uk | forum
Re: Can't log in to Government Gateway

Not sure whether I should post this but it says my NINO @{nino} does not match. I typed it from the letter. DOB @{dob:num}. Anyone had the same?
=== nino-md | uk | table
| Employee | NI no. | Pension % |
|---|---|---|
%%rep 3-7
| @{name} | @{nino} | @{int:3,9} |
%%end
=== nino-crm | uk | crm
Client: @{name} | NINO: @{nino} | Mobile: @{phone} | Wants to consolidate three old pension pots. Spouse @{first:2}, NINO @{nino}.
'''
POS += r'''
=== bsn-formulier | nl | form
INTAKEFORMULIER

Achternaam: @{last}
Voornaam: @{first}
Geboortedatum: @{dob:num}
BSN: @{bsn}
Adres: @{street}
Postcode en plaats: @{zip} @{city}
Telefoon: @{phone}
=== bsn-mail | nl | email
Onderwerp: gegevens loonadministratie

Hoi @{first:2},

Hierbij mijn gegevens: BSN @{bsn}, rekeningnummer @{iban}. Mijn loonheffingskorting graag toepassen vanaf @{fdate:long}.

Groet,
@{name}
@{phone}
=== bsn-csv | nl | csv
personeelsnr;naam;bsn;geboortedatum;functie
%%rep 3-7
@{dig:5};@{name};@{bsn:plain};@{dob:num};@<monteur|planner|verkoper>
%%end
=== bsn-dialoog | nl | dialogue
Medewerker: Goedemiddag, wat is uw burgerservicenummer?
Klant: @{bsn}
Medewerker: Dank u. En uw geboortedatum?
Klant: @{dob}
Medewerker: Ik zie uw aanvraag staan, meneer @{last}. De toeslag wordt op de 20e uitbetaald.
=== bsn-json | nl | json
{"verzekerde": {"naam": "@{name}", "bsn": "@{bsn:plain}", "geboortedatum": "@{dob:iso}", "email": "@{email}"}, "polis": "ZP-@{dig:6}", "eigenRisico": 385}
=== bsn-huisarts | nl | medical
Geachte collega,

Betreft: @{name}, geb. @{dob:num}, BSN @{bsn}
@{addr:1}

Bovengenoemde patiënt zag ik op @{date:num} wegens @<knieklachten rechts|hoofdpijn|kortademigheid bij inspanning>. Graag uw beoordeling.

Met collegiale groet,
@{name:2}, huisarts
=== bsn-app | nl | chat
@{first}: wat is je bsn? moet het invullen voor de belastingaangifte
@{first:2}: @{bsn:plain}
@{first}: en van de kleine?
@{first:2}: @{bsn:plain}
@{first}: top 😘
=== bsn-xml | nl | xml
<Client>
  <Bsn>@{bsn:plain}</Bsn>
  <Achternaam>@{last}</Achternaam>
  <Geboortedatum>@{dob:iso}</Geboortedatum>
  <Partner>
    <Bsn>@{bsn:plain}</Bsn>
    <Achternaam>@{last:2}</Achternaam>
  </Partner>
</Client>
=== bsn-uwv-brief | nl | letter
UWV
@{pobox}

@{name}
@{addr:2}

Burgerservicenummer: @{bsn}
Datum: @{date:long}

Geachte heer/mevrouw @{last},
U krijgt vanaf @{fdate:num} een WW-uitkering. Wij betalen op rekening @{iban:space}.
=== bsn-tabel | nl | table
| Leerling | BSN | Groep |
|---|---|---|
%%rep 3-7
| @{name} | @{bsn:plain} | @{int:1,8} |
%%end
=== bsn-contract | nl | contract
ARBEIDSOVEREENKOMST

Ondergetekenden:
1. @{company}, gevestigd te @{city}, hierna: werkgever;
2. @{name}, geboren op @{dob:long}, wonende aan de @{addr:1}, BSN @{bsn}, hierna: werknemer;
komen overeen dat werknemer op @{fdate:num} in dienst treedt.
=== bsn-ticket-en | nl/en | ticket
Prio 2 - Dutch citizens cannot be saved: BSN field drops the leading digit. Test with @{name}, BSN @{bsn:plain} and @{name:2}, BSN @{bsn:plain}.
=== bsn-sql | nl | sql
INSERT INTO patient (id, naam, bsn, ingeschreven) VALUES
%%rep 3-5 sep=,
  (@{dig:5}, '@{name}', '@{bsn:plain}', '@{date:iso}')
%%end
;
=== pesel-formularz | pl | form
FORMULARZ ZGŁOSZENIOWY

Imię i nazwisko: @{name}
PESEL: @{pesel}
Adres zamieszkania: @{addr:1}
Telefon: @{phone}
E-mail: @{email}
Zgoda na przetwarzanie danych: TAK
=== pesel-mail | pl | email
Temat: Rejestracja dziecka na wizytę

Dzień dobry,
proszę o zapisanie dziecka (@{first:8}) do pediatry. PESEL dziecka: @{pesel:8}. Mój PESEL: @{pesel}, telefon @{phone}.

Pozdrawiam
@{name}
=== pesel-csv | pl | csv
lp;nazwisko;imie;pesel;miejscowosc
%%rep 3-7
@{int:1,200};@{last};@{first};@{pesel};@{city}
%%end
=== pesel-rozmowa | pl | dialogue
Konsultant: Dzień dobry, w celu weryfikacji poproszę numer PESEL.
Klient: @{pesel}
Konsultant: Dziękuję. Czy adres @{addr:1} jest aktualny?
Klient: Nie, teraz @{addr:1}
Konsultant: Zaktualizowałem. Czy mogę jeszcze w czymś pomóc?
=== pesel-json | pl | json
{
  "klient": {
    "imie": "@{first}",
    "nazwisko": "@{last}",
    "pesel": "@{pesel}",
    "data_urodzenia": "@{dob:iso}",
    "telefon": "@{phone}"
  },
  "umowa": "UM/@{year}/@{dig:5}"
}
=== pesel-umowa | pl | contract
UMOWA NAJMU LOKALU

zawarta w dniu @{date:num} w miejscowości @{city} pomiędzy:
@{name}, PESEL @{pesel}, zam. @{addr:1}, zwanym dalej Wynajmującym,
a
@{name:2}, PESEL @{pesel:2}, zam. @{addr:1}, zwanym dalej Najemcą.

§ 1. Czynsz wynosi @{int:18,45}00 zł i płatny jest na rachunek @{iban:space,PL}.
=== pesel-skierowanie | pl | medical
SKIEROWANIE DO PORADNI SPECJALISTYCZNEJ
Pacjent: @{name}
PESEL: @{pesel}
Data urodzenia: @{dob:num}
Rozpoznanie: @<M54.5|J45.0|I10>
Lekarz: @{name:2}
=== pesel-messenger | pl | chat
@{first}: hej podaj pesel do ubezpieczenia wycieczki
@{first:2}: @{pesel:2}
@{first}: a @{first:8}?
@{first:2}: @{pesel:8}
@{first}: dzięki!
=== pesel-xml | pl | xml
<pacjenci>
%%rep 3-5
  <pacjent pesel="@{pesel}"><nazwisko>@{last}</nazwisko><imie>@{first}</imie></pacjent>
%%end
</pacjenci>
=== pesel-tabela | pl | table
| Pracownik | PESEL | Stanowisko |
|---|---|---|
%%rep 3-7
| @{name} | @{pesel} | @<magazynier|kierowca|księgowa> |
%%end
=== pesel-pismo | pl | letter
@{city}, dnia @{date:num}

@{name}
@{addr:2}
PESEL: @{pesel}

Reklamacja

Niniejszym składam reklamację produktu @{product} zakupionego @{date:num}. Proszę o zwrot kwoty @{amt:50,900} zł na konto @{iban}.
=== pesel-ticket-en | pl/en | ticket
KYC case KYC-@{dig:5}: Polish customer @{name} uploaded an ID card, OCR read PESEL @{pesel} and DOB @{dob:iso}. The spouse's PESEL is @{pesel:2}. Please approve both.
=== pesel-sql | pl | sql
SELECT * FROM ubezpieczeni WHERE pesel = '@{pesel}';
-- drugi przypadek z reklamacji
SELECT * FROM ubezpieczeni WHERE pesel = '@{pesel:2}' AND nazwisko = '@{last:2}';
=== cpf-cadastro | br | form
FICHA CADASTRAL

Nome completo: @{name}
CPF: @{cpf}
Data de nascimento: @{dob:num}
Endereço: @{addr:1}
Celular/WhatsApp: @{phone}
E-mail: @{email}
=== cpf-email | br | email
Assunto: Segunda via do boleto

Boa tarde,

Preciso da segunda via do boleto de @<março|abril|maio>. Meu CPF é @{cpf} e o contrato está no nome da minha esposa, CPF @{cpf}.

Att,
@{name}
@{phone}
=== cpf-csv | br | csv
nome;cpf;celular;cidade;valor
%%rep 3-7
@{name};@{cpf};@{phone};@{city};@{amt:20,800}
%%end
=== cpf-dialogo | br | dialogue
Atendente: Olá! Para localizar seu pedido, me informe o CPF do titular.
Cliente: @{cpf:plain}
Atendente: Obrigada, @{first}. Confirma o endereço de entrega?
Cliente: @{addr:1}
Atendente: Certo! Chega até @{fdate:num}.
=== cpf-json | br | json
{"comprador": {"nome": "@{name}", "cpf": "@{cpf:plain}", "email": "@{email}", "telefone": "@{phone:intl}"}, "pagamento": {"metodo": "pix", "valor": @{int:10,900}.90}}
=== cpf-contrato | br | contract
CONTRATO DE LOCAÇÃO RESIDENCIAL

LOCADOR: @{name}, brasileiro(a), casado(a), inscrito(a) no CPF sob o nº @{cpf:fmt}, residente na @{addr:1}.
LOCATÁRIO: @{name:2}, brasileiro(a), solteiro(a), CPF nº @{cpf:fmt}.
FIADOR: @{name:3}, CPF nº @{cpf:fmt}.

Cláusula 1ª. O aluguel mensal é de R$ @{int:1,6}.@{int:100,900},00.
=== cpf-zap | br | chat
@{first}: amiga qual teu cpf? vou por na nota
@{first:2}: @{cpf}
@{first:2}: se quiser o pix é esse mesmo cpf kkkk
@{first}: blz 😂
=== cpf-laudo | br | medical
LAUDO DE ULTRASSONOGRAFIA
Paciente: @{NAME}    CPF: @{cpf:fmt}
Nascimento: @{dob:num}    Convênio: @{company}
Conclusão: @<exame dentro da normalidade|esteatose hepática grau I>.
Dr(a). @{name:2}
=== cpf-xml-nfe | br | xml
<dest>
  <CPF>@{cpf:plain}</CPF>
  <xNome>@{name}</xNome>
  <enderDest>
    <xLgr>@{street}</xLgr>
    <xMun>@{city}</xMun>
    <CEP>@{zip}</CEP>
  </enderDest>
  <email>@{email}</email>
</dest>
=== cpf-tabela | br | table
| Aluno | CPF | Turma |
|---|---|---|
%%rep 3-7
| @{name} | @{cpf} | @{int:1,9}º @<A|B|C> |
%%end
=== cpf-procuracao | br | letter
PROCURAÇÃO

Eu, @{name}, nascido(a) em @{dob:long}, portador(a) do CPF @{cpf:fmt}, residente e domiciliado(a) na @{addr:1}, nomeio meu procurador @{name:2}, CPF @{cpf:fmt}, para representar-me junto à @{company}.

@{city}, @{date:long}
=== cpf-ticket-en | br/en | ticket
Brazil checkout: antifraud declines customer @{name}, CPF @{cpf}, although the number validates. Second example: CPF @{cpf}. Started @{date:iso}, release @{ver}.
=== cpf-log | br | log
@{ts} [kyc] consulta cpf=@{cpf:plain} nome="@{name}" status=REGULAR
@{ts} [kyc] consulta cpf=@{cpf:plain} nome="@{name:2}" status=SUSPENSA
@{ts} [kyc] timeout bureau, tentativa 2
=== aadhaar-kyc-form | in | form
CUSTOMER KYC FORM

Full name: @{name}
Father's name: @{name:2}
Date of birth: @{dob:num}
Aadhaar number: @{aadhaar}
Permanent address: @{addr:1}
Mobile: @{phone}
Email: @{email}
=== aadhaar-mail | in | email
Subject: Docs for PF transfer

Dear Sir/Madam,

Please find my details below for PF transfer.
Aadhaar no. @{aadhaar}
UAN will follow. My wife's Aadhaar no. is @{aadhaar} (nominee).

Kindly do the needful.

Regards,
@{name}
Mob: @{phone}
=== aadhaar-csv | in | csv
sl_no,name,aadhaar_no,mobile,district
%%rep 3-7
@{int:1,99},@{name},@{aadhaar:plain},@{phone:nat},@{city}
%%end
=== aadhaar-dialogue | in | dialogue
Agent: May I have your Aadhaar number please, sir?
Customer: @{aadhaar}
Agent: Thank you. Is the OTP going to the same mobile?
Customer: No, new number is @{phone}
Agent: Noted. Your SIM will be activated in @{int:2,24} hours.
=== aadhaar-json | in | json
{"kyc": {"name": "@{name}", "aadhaar": "@{aadhaar}", "dob": "@{dob:iso}", "gender": "@{sex}"}, "status": "VERIFIED", "txn": "@{uuid}"}
=== aadhaar-hostel-note | in | crm
PG tenant @{name}, Aadhaar @{aadhaar:space}, working at @{company}. Room @{int:101,420}, deposit Rs. @{int:5,20}000 paid. Parents' contact @{phone}. Native address: @{addr:1}
=== aadhaar-whatsapp | in | chat
[@{date:num#d}, @{time}] @{first}: bhai aadhaar number bhej de hotel booking ke liye
[@{date:num#d}, @{time}] @{first:2}: @{aadhaar:space}
[@{date:num#d}, @{time}] @{first:2}: and papa ka @{aadhaar:space}
[@{date:num#d}, @{time}] @{first}: ok done
=== aadhaar-hospital | in | medical
OPD CARD
Name: @{name}   Age/Sex: @{int:21,79}/@{sex}
Aadhaar: @{aadhaar}
Address: @{addr:1}
Ph: @{phone}
C/o: @<fever since 3 days|chest pain|joint pain both knees>
Rx: Tab. Paracetamol 650 mg TDS x 3 days
=== aadhaar-xml | in | xml
<Beneficiaries scheme="PMAY">
%%rep 2-4
  <Beneficiary uid="@{aadhaar:plain}"><Name>@{name}</Name><District>@{city}</District></Beneficiary>
%%end
</Beneficiaries>
=== aadhaar-affidavit | in | contract
AFFIDAVIT

I, @{name}, aged about @{int:24,70} years, residing at @{addr:1}, holder of Aadhaar No. @{aadhaar:space}, do hereby solemnly affirm that my name and the name @{first} @{last:2} appearing in my school certificate denote one and the same person.

Place: @{city}                Deponent
=== aadhaar-table | in | table
| Candidate | Aadhaar | DOB | Centre |
|---|---|---|---|
%%rep 3-7
| @{name} | @{aadhaar} | @{dob:num} | @{city} |
%%end
=== aadhaar-ocr | in | ocr
GOVERNMENT OF INDIA
@{name}
DOB: @{dob:num}
@<MALE|FEMALE>
@{aadhaar:space}
Aadhaar - Aam Aadmi ka Adhikar
=== aadhaar-log | in | log
@{ts} DEBUG eKYC request aadhaar=@{aadhaar:plain} consent=Y
@{ts} DEBUG eKYC response code=200 txn=@{uuid}
@{ts} DEBUG eKYC request aadhaar=@{aadhaar:plain} consent=Y
=== pnr-journal | se | medical
REMISS
Patient: @{name}
Personnummer: @{pnr}
Adress: @{addr:1}
Tel: @{phone}

Frågeställning: @<MR knä höger|utredning av yrsel|sömnapné>?
Remittent: @{name:2}, @{company}
=== pnr-mejl | se | email
Ämne: Ny medlem

Hej!

Jag vill anmäla min dotter till simskolan. Hennes personnummer är @{pnr:,8} och mitt är @{pnr}. Ni når mig på @{phone} eller @{email}.

Vänliga hälsningar
@{name}
=== pnr-csv | se | csv
anstnr;namn;personnummer;avdelning
%%rep 3-7
@{dig:4};@{name};@{pnr};@<Lager|Ekonomi|IT>
%%end
=== pnr-chatt | se | dialogue
Kundtjänst: Hej @{first}! Kan jag få ditt personnummer så kollar jag?
Kund: @{pnr}
Kundtjänst: Tack! Ser att fakturan på @{amt:100,2000} kr är obetald.
Kund: ok, skicka den till @{email} istället
=== pnr-json | se | json
{"kund": {"namn": "@{name}", "personnummer": "@{pnr}", "adress": "@{street}", "postnr": "@{zip}", "ort": "@{city}", "mobil": "@{phone}"}, "avtal": "A-@{dig:6}"}
=== pnr-hyresavtal | se | contract
HYRESAVTAL

Hyresvärd: @{name}, @{pnr}, @{addr:1}
Hyresgäst: @{name:2}, personnummer @{pnr:,2}

Hyran är @{int:6,14} 500 kr per månad och betalas till konto @{iban:space,SE}.
@{city} den @{date:long}
=== pnr-sms | se | chat
@{first}: hej behöver ditt personnr till försäkringen
@{first:2}: @{pnr:short,2}
@{first:2}: och @{first:3}s är @{pnr:short,3}
@{first}: tack ❤
=== pnr-xml | se | xml
<elever>
%%rep 3-5
  <elev><pnr>@{pnr:long}</pnr><namn>@{name}</namn></elev>
%%end
</elever>
=== pnr-formular | se | form
ANSÖKAN OM FÖRSKOLEPLATS
Barnets namn: @{name:8}
Barnets personnummer: @{pnr:,8}
Vårdnadshavare 1: @{name:2}   Personnummer: @{pnr:,2}
Bostadsadress: @{addr:1}
Telefon dagtid: @{phone}
=== pnr-tabell | se | table
| Namn | Personnr | Lön |
|---|---|---|
%%rep 3-7
| @{name} | @{pnr} | @{int:28,52} 000 |
%%end
=== pnr-brev | se | letter
Försäkringskassan
@{pobox}

@{name}
@{addr:2}

Personnummer @{pnr}

Beslut om föräldrapenning
Vi har beslutat att du får föräldrapenning från och med den @{fdate:long}.
=== pnr-ticket-en | se/en | ticket
BankID login loop for user @{user}. Personnummer @{pnr:long}, last attempt @{ts}. A colleague (@{pnr:longplain,2}) can log in from the same machine.
=== hetu-lomake | fi | form
ESITIETOLOMAKE

Nimi: @{name}
Henkilötunnus: @{hetu}
Osoite: @{addr:1}
Puhelin: @{phone}
Sähköposti: @{email}
Lääkitys: @<ei säännöllistä lääkitystä|verenpainelääke>
=== hetu-sposti | fi | email
Aihe: Palkanmaksun tiedot

Hei,

tässä tiedot: @{name}, hetu @{hetu}, tilinumero @{iban:space}. Verokortti toimitetaan sähköisesti. Puolisoni hetu on @{hetu:2}.

Terveisin
@{first}
=== hetu-csv | fi | csv
sukunimi;etunimi;hetu;kotikunta
%%rep 3-7
@{last};@{first};@{hetu};@{city}
%%end
=== hetu-chat | fi | dialogue
Asiakaspalvelija: Hei! Voisitko antaa henkilötunnuksesi tunnistamista varten?
Asiakas: @{hetu}
Asiakaspalvelija: Kiitos, @{first}. Uusi osoitteesi?
Asiakas: @{addr:1}
Asiakaspalvelija: Päivitetty!
=== hetu-json | fi | json
{"asiakas": {"nimi": "@{name}", "hetu": "@{hetu}", "puhelin": "@{phone}", "sahkoposti": "@{email}"}, "vakuutus": "V@{dig:6}", "alkaa": "@{fdate:iso}"}
=== hetu-lahete | fi | medical
LÄHETE ERIKOISSAIRAANHOITOON
Potilas: @{name} @{hetu}
Lähettävä lääkäri: @{name:2}
Esitiedot: @{int:30,80}-vuotias perusterve, @<polvikipu 2 kk|toistuvat päänsäryt>.
Yhteystieto: @{phone}
=== hetu-viesti | fi | chat
@{first}: moi laita sun hetu niin varaan lennot
@{first:2}: @{hetu:2}
@{first}: entä lapset
@{first:2}: @{hetu:8} ja @{hetu:9}
@{first}: kiitti!
=== hetu-xml | fi | xml
<jasenet>
%%rep 3-5
  <jasen><hetu>@{hetu}</hetu><nimi>@{name}</nimi></jasen>
%%end
</jasenet>
=== hetu-vuokrasopimus | fi | contract
HUONEENVUOKRASOPIMUS
Vuokranantaja: @{name}, @{hetu}
Vuokralainen: @{name:2}, @{hetu:2}
Kohde: @{addr:1}
Vuokra @{int:550,1400} euroa kuukaudessa, maksetaan tilille @{iban:space,FI}.
=== hetu-taulukko | fi | table
| Nimi | Henkilötunnus | Tunnit |
|---|---|---|
%%rep 3-7
| @{name} | @{hetu} | @{int:10,160} |
%%end
=== hetu-kela-kirje | fi | letter
Kela
@{name}
@{addr:2}

Henkilötunnus @{hetu}

Päätös opintotuesta. Saat opintorahaa @{amt:200,280} euroa kuukaudessa. Maksupäivä on @{fdate:num}.
=== hetu-ticket-en | fi/en | ticket
Suomi.fi authentication returns 500 for @{name} (HETU @{hetu}). Works for test colleague with HETU @{hetu:2}. Trace id @{uuid}
=== hetu-sql | fi | sql
INSERT INTO potilas (id, nimi, hetu) VALUES
%%rep 3-5 sep=,
 (@{dig:4}, '@{name}', '@{hetu}')
%%end
;
=== mrz-hotel-log | us uk de fr es it se pl | ocr
PASSPORT SCAN  station 0@{int:1,4}  @{date:iso} @{time}
@{mrz}
confidence 0.9@{int:1,9}
--
@{mrz:2}
confidence 0.9@{int:1,9}
=== mrz-kyc-mail | uk ie au | email
Subject: Passport details for visa application

Hi @{first:2},

The portal also wants the machine readable zone. From my passport:

@{mrz}

and this is for @{first:3}:

@{mrz:3}

Shout if you need the paper copy. My number is @{phone}.
@{first}
=== mrz-yaml | us ca au | yaml
document:
  type: passport
  holder: @{name}
  birth_date: @{dob:iso}
  mrz: |
    @{mrz}
  issued_by: @<Department of State|Passport Office>
=== mrz-ticket | uk in us | ticket
Ticket @{ref:OCR-}: MRZ reader fails on scan

Raw output from the reader:
@{mrz}

Expected parse: surname @{last}, given name @{first}. Customer phone @{phone}.
=== mrz-de-mail | de at ch | email
Betreff: Reisepassdaten

Guten Tag,

hier die beiden Zeilen aus meinem Pass:
@{mrz}

Mein Mann:
@{mrz:2}

Geburtsdatum zur Sicherheit: @{dob:num}
Freundliche Grüße
@{name}
=== mrz-fr-chat | fr | dialogue
Agent : Merci de recopier la zone de lecture (les deux lignes en bas de la page photo).
Client : @{mrz}
Agent : Parfait, votre enregistrement est confirmé pour le vol du @{fdate:num}.
=== mrz-es-form | es | form
REGISTRO DE VIAJEROS
Nombre: @{name}
Fecha de nacimiento: @{dob:num}
Zona MRZ:
@{mrz}
Fecha de entrada: @{date:num}
=== mrz-it-note | it | crm
Check-in @{date:num}, camera @{int:101,420}. Documento: passaporto.
%%rep 1-2
@{mrz}
%%end
Telefono ospite: @{phone}
=== mrz-nl-fi-log | nl fi dk no cz | log
@{ts} INFO reader: document detected type=P
@{ts} INFO reader: mrz read
@{mrz}
@{ts} INFO reader: checksum ok
@{ts} INFO reader: mrz read
@{mrz:2}
@{ts} INFO reader: checksum ok
=== mrz-pt-pl-html | pt br pl cz | html
<div class="scan">
<h3>@{name}</h3>
<pre>
@{mrz}
</pre>
<p>Status: OK</p>
</div>
=== mrz-agency-list | us uk | table
GROUP MANIFEST - @{company} Travel
%%rep 2-4
-- @{lastfirst} --
@{mrz}
%%end
=== mrz-markdown-issue | us de nl | forum
### Parser drops the optional field
Input:
```
@{mrz}
```
Output has `personal_number: null`. This is my own passport so please delete the issue after the fix.
=== mrz-assistant | us uk in au | dialogue
User: Can you parse this for me?
@{mrz}
Assistant: Sure. The holder is @{name}, sex @{sex}, and the document type is a passport (P). All check digits are consistent.
'''
POS += r'''
=== env-file | us uk de fr nl | config
# .env.production - do not commit
APP_ENV=production
DATABASE_URL=postgres://@{cred}@db01.@{corp}:5432/app
SECRET_KEY=@{anykey:50}
STRIPE_SECRET_KEY=@{sec.stripe}
SENDGRID_API_KEY=@{sec.sendgrid}
%%? SLACK_BOT_TOKEN=@{sec.slack}
LOG_LEVEL=info
=== aws-credentials | us uk in de | config
[default]
aws_access_key_id = @{sec.aws_id}
aws_secret_access_key = @{sec.aws_secret}
region = eu-west-1

[@<staging|backup|ci>]
aws_access_key_id = @{sec.aws_id}
aws_secret_access_key = @{sec.aws_secret}
=== py-hardcoded | us in pl | code
import requests

API_KEY = "@{sec.openai}"
BASE = "https://api.openai.com/v1"

def ask(prompt):
    r = requests.post(BASE + "/chat/completions",
                      headers={"Authorization": "Bearer " + API_KEY},
                      json={"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}]})
    r.raise_for_status()
    return r.json()["choices"][0]["message"]["content"]
=== js-firebase | us br es | code
const firebaseConfig = {
  apiKey: "@{sec.google}",
  authDomain: "@{code:6}-app.firebaseapp.com",
  projectId: "demo-@{hex:5}",
};
initializeApp(firebaseConfig);
=== so-question-token | us uk in | forum
**How do I clone a private repo in GitHub Actions?**

I tried this but get `remote: Repository not found`:

```yaml
- run: |
    git config --global url."https://github.com/".insteadOf git://github.com/
    echo "@{sec.github}" | gh auth login --with-token
```

Is the token scope wrong? It has `repo` and `read:org`.
=== slack-export-secret | us uk | json
[
  {"user": "U0@{code:7}", "text": "staging pw for the admin panel is @{pw}", "ts": "17@{dig:8}.000200"},
  {"user": "U0@{code:7}", "text": "thanks, and the npm token?", "ts": "17@{dig:8}.000300"},
  {"user": "U0@{code:7}", "text": "@{sec.npm}", "ts": "17@{dig:8}.000400"}
]
=== mail-temp-password | us uk ie au ca | email
Subject: Your new account

Hi @{first},

An account has been created for you at portal.@{corp}.

Username: @{user}
Your temporary password is: @{pw}

You will be asked to change it at first login.

IT Service Desk, @{company}
=== mail-zugang-de | de at ch | email
Betreff: Zugangsdaten VPN

Hallo @{first},

hier deine Zugangsdaten:
Benutzername: @{user}
Passwort: @{pw}
Gateway: @{ip4:pub}

Bitte ändere das Kennwort nach der ersten Anmeldung.
Gruß
@{first:2} (IT)
=== mail-acces-fr | fr | email
Objet : Vos identifiants

Bonjour @{first},

Votre compte est prêt.
Identifiant : @{email}
Mot de passe : @{pw}

En cas de souci, appelez le @{phone}.
L'équipe support
=== mail-acceso-es | es | email
Asunto: Acceso a la intranet

Hola @{first}:
Usuario: @{user}
Contraseña: @{pw}
Cámbiala en cuanto puedas. Cualquier duda, @{emailrole}.
=== mail-accesso-it | it | email
Oggetto: credenziali wifi ospiti

Ciao @{first},
la rete è "@{company} Guest", la password è @{pw}. Per il gestionale invece utente @{user}, password @{pw}.
A domani
@{first:2}
=== chat-wachtwoord-nl | nl | chat
@{first}: wat is het wachtwoord van netflix ook alweer
@{first:2}: @{pw}
@{first}: en van de wifi boven?
@{first:2}: @{pw}
@{first}: thnx
=== chat-haslo-pl | pl | chat
@{first}: hasło do panelu?
@{first:2}: @{pw}
@{first:2}: login to @{email:2}
@{first}: działa, dzięki
=== chat-senha-br | br pt | chat
@{first}: qual a senha do wifi?
@{first:2}: @{pw}
@{first}: e da conta da loja
@{first:2}: login @{email:2} senha @{pw}
=== mejl-losenord-sv | se | email
Ämne: Inloggning

Hej @{first}, ditt lösenord till lönesystemet är @{pw}. Användarnamn: @{user}. Byt det snarast.
/@{first:2}, @{company}
=== viesti-salasana-fi | fi | chat
@{first}: mikä on tabletin salasana?
@{first:2}: se on @{pw}
@{first}: kiitti, ja sähköpostin?
@{first:2}: salasana @{pw}
=== da-no-cs-kode | dk | chat
@{first}: hvad er adgangskoden til alarmen på serveren?
@{first:2}: adgangskode: @{pw}
@{first:2}: serveren er @{ip4:priv}
=== no-passord | no | email
Emne: Nytt passord

Hei @{first},
passordet ditt er nullstilt. Nytt passord: @{pw}
Ring @{phone} hvis du ikke kommer inn.
Mvh @{first:2}
=== cs-heslo | cz | email
Předmět: Přístup do systému

Dobrý den,
přihlašovací jméno: @{user}
heslo: @{pw}
Dotazy prosím na @{emailrole} nebo @{phone}.
=== docker-compose | us de nl pl | yaml
version: "3.8"
services:
  db:
    image: mysql:8
    environment:
      MYSQL_ROOT_PASSWORD: @{pin:14}
      MYSQL_DATABASE: shop
      MYSQL_USER: shop
      MYSQL_PASSWORD: @{pin:12}
    ports: ["3306:3306"]
=== k8s-configmap | us in se | yaml
apiVersion: v1
kind: Secret
metadata:
  name: api-credentials
  namespace: prod
stringData:
  github-token: @{sec.github}
  sentry-auth: @{hexkey:64}
  db-password: "@{pin:16}"
=== terraform-tfvars | us uk fi | config
do_token      = "@{sec.do}"
region        = "fra1"
droplet_size  = "s-2vcpu-4gb"
admin_ip      = "@{ip4:pub}"
db_password   = "@{pin:18}"
=== gitlab-ci | de us fr | yaml
deploy:
  stage: deploy
  script:
    - curl --header "PRIVATE-TOKEN: @{sec.gitlab}" "https://gitlab.@{corp}/api/v4/projects/@{dig:3}/trigger"
  only:
    - main
=== npmrc | us uk | config
registry=https://registry.npmjs.org/
//registry.npmjs.org/:_authToken=@{sec.npm}
save-exact=true
=== pypirc | us de br | config
[distutils]
index-servers = pypi

[pypi]
username = __token__
password = @{sec.pypi}
=== netrc-like | us uk in | config
machine ftp.@{corp}
login @{user}
password @{pin:12}
=== php-config | de fr es pl | code
<?php
define('DB_HOST', '@{ip4:priv}');
define('DB_USER', 'wp_@{user}');
define('DB_PASSWORD', '@{pin:14}');
define('AUTH_KEY', '@{anykey:64}');
$table_prefix = 'wp_';
=== java-properties | us de in | config
spring.datasource.url=jdbc:postgresql://@{ip4:priv}:5432/orders
spring.datasource.username=orders_rw
spring.datasource.password=@{pin:13}
jwt.secret=@{b64key:44}
management.endpoints.web.exposure.include=health
=== ini-mail | fr it nl us | ini
[smtp]
host = smtp.@{corp}
port = 587
user = @{emailrole}
password = @{pin:12}

[imap]
host = imap.@{corp}
password = @{pin:12}
=== curl-bearer | us uk au | code
curl -X POST https://api.@{corp}/v2/orders \
  -H "Authorization: Bearer @{jwt}" \
  -H "Content-Type: application/json" \
  -d '{"sku": "@{code:8}", "qty": @{int:1,9}}'
=== log-jwt | us de in | log
@{ts} DEBUG auth.middleware incoming request path=/api/me ip=@{ip}
@{ts} DEBUG auth.middleware token=@{jwt}
@{ts} INFO  auth.middleware user @{dig:5} authenticated
=== pem-paste-ticket | us uk de | ticket
Ticket #@{ref}: TLS handshake fails after renewal

Customer pasted the key from /etc/ssl/private/:

@{pem}

Please tell them to rotate it. Host: @{ip4:pub}
=== pem-chat | us in | dialogue
User: nginx says "key values mismatch". this is my key
@{pem}
Assistant: Please don't share private keys in chat. Treat this one as compromised, generate a new pair and re-issue the certificate.
=== pem-yaml | us nl de | yaml
deploy:
  host: @{ip4:priv}
  user: deploy
  ssh_key: |
    @{pem:OPENSSH PRIVATE KEY}
  keep_releases: 5
=== pem-gcp-json | us in fr | json
{
  "type": "service_account",
  "project_id": "prod-@{hex:6}",
  "private_key_id": "@{hex:40}",
  "private_key": "@{pem1}",
  "token_uri": "https://oauth2.googleapis.com/token"
}
=== anthropic-notebook | us uk fr | code
# cell 1
import os, anthropic
os.environ["ANTHROPIC_API_KEY"] = "@{sec.anthropic}"
client = anthropic.Anthropic()

# cell 2
os.environ["HF_TOKEN"] = "@{sec.hf}"
=== hf-readme | us de | forum
## Gated model won't download

`huggingface-cli login --token @{sec.hf}` says "Login successful" but `from_pretrained` returns 403. Do I need to accept the licence with the same account (@{email})?
=== telegram-bot | pl es it us | code
from telegram.ext import ApplicationBuilder

TOKEN = '@{sec.telegram}'
ADMINS = ["@{user}", "@{user:2}"]

app = ApplicationBuilder().token(TOKEN).build()
app.run_polling()
=== azure-connstring | us de nl | config
{
  "IsEncrypted": false,
  "Values": {
    "AzureWebJobsStorage": "DefaultEndpointsProtocol=https;AccountName=st@{hex:6};AccountKey=@{sec.azure};EndpointSuffix=core.windows.net",
    "FUNCTIONS_WORKER_RUNTIME": "python"
  }
}
=== dotnet-connstring | us uk se dk | config
"ConnectionStrings": {
  "Default": "Server=@{ip4:priv},1433;Database=Crm;User Id=sa_@{user};Password=@{pin:14};TrustServerCertificate=True"
}
=== shopify-node | us ca au | code
const shopify = new Shopify({
  shopName: '@{code:6}.myshopify.com',
  accessToken: '@{sec.shopify}',
  apiVersion: '2024-04'
});
// webhook signing secret
const hookSecret = '@{hexkey:64}';
=== twilio-snippet | us uk | code
$apiKey    = "@{sec.twilio}";
$apiSecret = "@{anykey:32}";
$from      = "@{phone:e164}";
$twilio->messages->create("@{phone:e164}", ["from" => $from, "body" => "Your parcel is on its way"]);
=== bugreport-headers | us de | ticket
**Steps**: open /billing, click "Download".
**Request headers**
```
Host: app.@{corp}
X-Api-Key: @{anykey:40}
X-Forwarded-For: @{ip4:pub}
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0)
```
**Response**: 502
=== slack-rotate | us uk in | chat
@{first}  @{time}
who committed the sendgrid key?? @{sec.sendgrid} is on main since yesterday
@{first:2}  @{time}
oops, mine. rotated. new one is in vault
@{first}  @{time}
also saw @{sec.stripe} in the same commit
@{first:2}  @{time}
revoking now
=== review-comment | us fr | forum
`src/config.ts` line @{int:3,80}

> export const apiKey = "@{sec}";

Please don't hardcode this, read it from the environment instead. Same problem in `scripts/seed.ts` with `@{sec}`.
=== wiki-runbook | us uk de/en | markdown
# Runbook: database failover

1. SSH to `@{ip4:priv}` as `ops`, password `@{pw}`
2. `pg_ctl promote -D /var/lib/postgresql/15/main`
3. Point the VIP @{ip4:priv} to the new primary
4. On-call phone: @{phone}
=== wiki-runbook-de | de at | markdown
## Notfallhandbuch Telefonanlage

- Weboberfläche: https://@{ip4:priv}/admin
- Benutzer `admin`, Kennwort `@{pw}`
- SIP-Trunk: Benutzer @{dig:7}, Passwort `@{pin:12}`
- Hotline Provider: @{phone}
- MAC der Basisstation: @{mac}
=== vault-csv | us uk fr de | csv
url,username,password,note
%%rep 3-7
https://@<github.com|mail.google.com|www.netflix.com|app.slack.com|www.amazon.com>/login,@{email},@{pw},@<shared|private|old>
%%end
=== keepass-xml | de us nl | xml
<Entry>
  <String><Key>Title</Key><Value>Router</Value></String>
  <String><Key>UserName</Key><Value>admin</Value></String>
  <String><Key>Password</Key><Value>@{pin:12}</Value></String>
  <String><Key>URL</Key><Value>http://@{ip4:priv}</Value></String>
</Entry>
=== oauth-json | us es | json
{"web": {"client_id": "@{dig:8}.apps.googleusercontent.com", "client_secret": "@{sec.gocspx}", "redirect_uris": ["https://@{corp}/oauth"]}}
=== toml-config | us cz fi | config
[server]
bind = "@{ip4:priv}:8443"

[auth]
api_token = "@{anykey:36}"
session_secret = "@{hexkey:64}"
=== bash-history | us de pl | log
cd /srv/app
export GITHUB_TOKEN=@{sec.github}
mysql -h @{ip4:priv} -u root --password=@{pin:12} shop < dump.sql
ssh admin@@{ip4:pub}
docker login -u ci-bot -p @{sec.gitlab} registry.@{corp}
=== ansible-inventory | us de se | ini
[web]
web01 ansible_host=@{ip4:priv} ansible_user=deploy ansible_password=@{pin:12}
web02 ansible_host=@{ip4:priv} ansible_user=deploy ansible_password=@{pin:12}

[db]
db01 ansible_host=@{ip4:priv}
=== go-const | us in nl | code
package config

const (
	DSN       = "host=@{ip4:priv} user=app password=@{pin:14} dbname=app sslmode=disable"
	WebhookKey = "@{sec.whsec}"
)
=== tfc-token | us uk | config
credentials "app.terraform.io" {
  token = "@{sec.tfc}"
}
=== groq-mailgun-env | us in br | config
GROQ_API_KEY=@{sec.groq}
MAILGUN_API_KEY="@{sec.mailgun}"
MAIL_FROM=@{emailrole:no-reply}
DEBUG=false
=== cred-urls-list | us de fr | config
# celeryconfig
broker_url = "amqp://@{cred}@@{ip4:priv}:5672/jobs"
result_backend = "redis://@{cred:default}@cache.@{corp}:6379/1"
timezone = "Europe/Berlin"
=== cred-django | us it nl | code
DATABASES = {
    "default": dj_database_url.parse("postgresql://@{cred}@@{ip4:priv}:5432/crm"),
    "replica": dj_database_url.parse("postgresql://@{cred}@pg-replica.@{corp}/crm"),
}
=== cred-mongo-chat | us in br | dialogue
User: my app can't connect, this is the string: mongodb+srv://@{cred}@cluster0.@{hex:5}.mongodb.net/shop?retryWrites=true
Assistant: Check that your current IP is on the access list. The error usually means the address is blocked.
User: added @{ip4:pub}, works now. thanks
=== cred-git-remote | us uk de | log
$ git remote -v
origin  https://@{cred#a}@git.@{corp}/web/shop.git (fetch)
origin  https://@{cred#a}@git.@{corp}/web/shop.git (push)
=== cred-proxy | de fr us | config
export http_proxy=http://@{cred}@proxy.@{corp}:3128
export https_proxy=http://@{cred}@@{ip4:priv}:3128
export no_proxy=localhost,.local
=== cred-ftp-mail | de es it fr | email
@<~de=Betreff|es=Asunto|it=Oggetto|fr=Objet>: FTP

ftp://@{cred}@ftp.@{corp}/upload/

@{first}
=== cred-rtsp | us uk pl | config
cameras:
  front_door:
    ffmpeg:
      inputs:
        - path: rtsp://@{cred}@@{ip4:priv}:554/stream1
  garage:
    ffmpeg:
      inputs:
        - path: rtsp://@{cred}@@{ip4:priv}:554/stream1
=== cred-log-error | us in nl | log
@{ts} ERROR sqlalchemy.pool could not connect: postgresql://@{cred}@db-@{int:1,9}.internal:5432/billing
@{ts} ERROR retry 1/5 postgresql://@{cred}@db-@{int:1,9}.internal:5432/billing
@{ts} FATAL giving up
=== cred-table-hosts | us de | table
| Service | Connection |
|---|---|
| Queue | amqp://@{cred}@mq.@{corp}:5672 |
| Cache | redis://@{cred}@cache.@{corp}:6379 |
| DB | mysql://@{cred}@@{ip4:priv}:3306/app |
=== cred-json-ci | us fr se | json
{"name": "nightly", "env": {"ES_URL": "https://@{cred:elastic}@es.@{corp}:9200", "SMTP_URL": "smtp://@{cred}@mail.@{corp}:587"}}
=== cred-wget | us de | forum
The download works with

    wget -q https://@{cred}@files.@{corp}/releases/@{ver}/installer.tar.gz

but not with curl, any idea? curl returns 401 although the user is the same.
=== cred-xml-webdav | de nl | xml
<connections>
%%rep 2-4
  <add name="@{code:5}" url="https://@{cred}@dav.@{corp}/remote/" />
%%end
</connections>
=== access-log | us de fr | log
%%rep 3-7
@{ip} - - [@{int:10,28}/Mar/2025:@{hms} +0000] "GET /@<index.html|login|api/v1/items|wp-login.php> HTTP/1.1" @<200|404|302> @{int:200,9000}
%%end
=== ssh-auth-log | us uk nl | log
%%rep 3-7
Mar @{int:10,28} @{hms} web01 sshd[@{dig:4}]: Failed password for invalid user @{user} from @{ip4:pub} port @{int:30000,60000} ssh2
%%end
=== dhcp-leases | us de pl | log
%%rep 3-5
DHCPACK on @{ip4:priv} to @{mac:colon} (@{first}-laptop) via eth0
%%end
=== arp-table | us uk fi | log
$ arp -a
%%rep 3-7
? (@{ip4:priv}) at @{mac:colon} on en0 ifscope [ethernet]
%%end
=== cisco-mac-table | us de | log
Switch# show mac address-table
Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
%%rep 3-7
 @{int:10,90}    @{mac:cisco}    DYNAMIC     Gi0/@{int:1,24}
%%end
=== ipconfig-win | us uk in | log
Ethernet adapter Ethernet:

   Physical Address. . . . . . . . . : @{mac:HYPHEN}
   Link-local IPv6 Address . . . . . : @{ip6:ll}
   IPv4 Address. . . . . . . . . . . : @{ip4:priv}
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . : @{ip4:priv}
=== ip-addr-linux | us de fr | log
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    link/ether @{mac:colon} brd ff:ff:ff:ff:ff:ff
    inet @{ip4:priv}/24 scope global dynamic eth0
    inet6 @{ip6:ll}/64 scope link
=== router-ticket | us uk ie | ticket
Customer @{name} reports that the Clario router drops off the wifi every evening. Router MAC @{mac}, WAN IP @{ip4:pub}. Asked to reboot, will call back on @{phone}.
=== wlan-whitelist-de | de ch at | email
Betreff: WLAN-Freischaltung

Hallo, bitte diese Geräte freischalten:
- Laptop @{mac}
- Handy @{mac}
- Drucker @{mac} (feste IP @{ip4:priv})
Danke, @{name}
=== asset-csv-mac | us uk nl | csv
asset_tag,hostname,mac_address,ip_address,assigned_to
%%rep 3-7
AT-@{dig:5},@{user}-pc,@{mac},@{ip4:priv},@{name}
%%end
=== asset-json-mac | us fi cz | json
{"devices": [
%%rep 3-5 sep=,
  {"host": "nas-@{int:1,9}", "mac": "@{mac}", "ip": "@{ip}"}
%%end
]}
=== firewall-rules | us de es | config
%%rep 3-7
iptables -A INPUT -s @{ip4:pub} -p tcp --dport @<22|443|3306> -j @<ACCEPT|DROP>
%%end
iptables -P INPUT DROP
=== security-alert-mail | us uk au ca | email
Subject: New sign-in to your account

Hi @{first},

We noticed a new sign-in to @{email}.

When: @{date:long} @{time}
IP address: @{ip}
Device: Chrome on Windows

If this was you, no action is needed.
=== anmeldung-alert-de | de at | email
Betreff: Neue Anmeldung bei Ihrem Konto

Guten Tag @{name},
am @{date:num} um @{time} Uhr hat sich jemand von der IP-Adresse @{ip} mit Ihrem Konto @{email} angemeldet.
=== alerte-connexion-fr | fr | email
Objet : Connexion inhabituelle

Bonjour @{first}, une connexion à votre compte @{email} a eu lieu le @{date:num} à @{time} depuis l'adresse IP @{ip}.
=== dns-zone | us nl se | config
$ORIGIN @{corp}.
@       IN  A     @{ip4:pub}
www     IN  A     @{ip4:pub}
mail    IN  A     @{ip4:pub}
vpn     IN  AAAA  @{ip6}
=== hosts-file | us de it | config
127.0.0.1   localhost
::1         localhost
@{ip4:priv}  nas.local nas
@{ip4:priv}  printer.local
@{ip6}  build01
=== nginx-upstream | us fr pl | config
upstream backend {
    server @{ip4:priv}:8080 weight=3;
    server @{ip4:priv}:8080;
    server [@{ip6}]:8080 backup;
}
=== wireguard | us de cz | config
[Interface]
Address = @{ip4:priv}/24
PrivateKey = @{wgkey}
[Peer]
Endpoint = @{ip4:pub}:51820
PersistentKeepalive = 25
=== abuse-mail | us uk de/en | email
Subject: Abuse report - @{ip4:pub#a}

Dear abuse team,

we see brute force attempts from @{ip4:pub#a} against our mail server @{ip4:pub} since @{date:iso}. Please take action.

@{name}, @{emailrole:abuse}
=== game-ban-forum | us uk br/en | forum
[Unban request] @{user}
I was banned for "vpn" but my ip is @{ip4:pub} and thats my home line. My brother plays from the same pc (@{ip4:pub}). pls check
=== sql-sessions | us in de | sql
INSERT INTO sessions (user_id, email, ip, last_seen) VALUES
%%rep 2-5 sep=,
(@{dig:5}, '@{email}', '@{ip}', '@{ts}')
%%end
;
=== traceroute | us se fi | log
traceroute to @{corp} (@{ip4:pub}), 30 hops max
 1  gw (@{ip4:priv})  0.@{int:211,989} ms
 2  @{ip4:pub}  @{int:4,9}.@{int:101,989} ms
 3  @{ip4:pub}  @{int:10,22}.@{int:101,989} ms
=== fail2ban-jsonl | us de nl | json
%%rep 3-7
{"time": "@{ts}", "jail": "sshd", "action": "ban", "ip": "@{ip}", "failures": @{int:5,40}}
%%end
=== btc-donation | us uk cz | forum
Thanks for the kind words! If you like the plugin you can buy me a coffee:
BTC: @{btc}
ETH: @{eth}
or just star the repo. Bugs go to @{email}
=== btc-ransom-ticket | us uk de/en | ticket
User @{name} received an extortion mail claiming webcam footage, demanding $@{int:800,2400} to bitcoin wallet @{btc}. Sender IP @{ip4:pub}. Informed the user that it is a scam.
=== eth-airdrop-chat | us in br/en | chat
@{user}: drop your erc20 wallet for the airdrop
@{user:2}: @{eth}
@{user:3}: @{eth}
@{user:4}: @{eth} 🚀
=== btc-invoice | us uk ca | invoice
INVOICE @{ref:INV-}
Bill to: @{name}, @{addr:1}
Consulting, @{int:4,40} h ........ $@{int:400,4000}.00
Pay by bank transfer or send BTC to @{btc}
=== krypto-mail-de | de at ch | email
Betreff: Auszahlung

Hallo @{first}, bitte die @{amt:100,900} Euro als Bitcoin an @{btc}. Meine alte Adresse @{btc} nutze ich nicht mehr. Wallet für Ethereum ist @{eth}.
=== crypto-fr | fr | dialogue
Client : je n'ai pas reçu mon retrait en bitcoin
Support : Pouvez-vous m'indiquer l'adresse de réception ?
Client : @{btc}
Support : Merci, la transaction est en attente de confirmation.
=== crypto-es-it | es it | forum
Wallet: @{btc}
@<~es=¿Alguien sabe cuánto tarda una confirmación?|it=Qualcuno sa quanto ci mette una conferma?> USDT ERC20: @{eth}
=== crypto-csv | us uk nl | csv
user,asset,withdrawal_address,amount
%%rep 2-4
@{user},BTC,@{btc},0.0@{int:10,99}
@{user:2},ETH,@{eth},@{int:1,9}.@{int:10,99}
%%end
=== crypto-json | us se pl | json
{"withdrawals": [
%%rep 2-4 sep=,
 {"account": "@{email}", "coin": "BTC", "to": "@{btc}", "amount": "0.@{int:10,99}"}
%%end
]}
=== crypto-code | us in | code
const owner = "@{eth}"; // deployer wallet
const treasury = "@{eth}"; // treasury wallet
async function main() {
  const t = await Token.deploy(owner, treasury);
  console.log(await t.name());
}
=== crypto-table-pl | pl | table
| Portfel | Adres |
|---|---|
| BTC główny | @{btc} |
| BTC zimny | @{btc} |
| ETH | @{eth} |
=== crypto-nl-sv | nl se dk no | chat
@{first}: btc @<~nl=adres|sv=adress|da=adresse|no=adresse>?
@{first:2}: @{btc}
@{first}: eth wallet?
@{first:2}: @{eth}
=== imei-insurance | us uk au | ticket
Claim @{ref:CL-}: lost phone
Policyholder: @{name} (@{email})
Device: Pixel 8, IMEI @{imei}
Lost on: @{date:long}
Replacement IMEI: @{imei}
=== imei-dialogue | us uk in | dialogue
Agent: Please dial *#06# and read out the IMEI.
Customer: @{imei}
Agent: Thank you. It is a dual SIM model, what is the second IMEI?
Customer: @{imei}
Agent: The handset is now blocked.
=== imei-csv | us de nl | csv
inventory,model,imei,sim_user,msisdn
%%rep 3-7
M-@{dig:4},Galaxy A54,@{imei:plain},@{name},@{phone:e164}
%%end
=== imei-mdm-json | us fr fi | json
{"device": "iPhone 13", "imei": "@{imei:plain}", "imei2": "@{imei:plain}", "wifiMac": "@{mac:colon}", "user": "@{email}"}
=== imei-anzeige-de | de at ch | letter
Anzeige wegen Diebstahls

Am @{date:num} wurde mir am Bahnhof @{city} mein Mobiltelefon gestohlen. IMEI-Nummer: @{imei}, Rufnummer @{phone}. Das Gerät meiner Frau (IMEI @{imei}) wurde ebenfalls entwendet.

@{name}
@{addr:2}
=== imei-denuncia | es it | letter
@<~es=Denuncia por robo|it=Denuncia di furto>

@{name}, @{addr:1}
IMEI: @{imei}
Tel.: @{phone}
@{date:num}
=== imei-fr-sav | fr | ticket
SAV : téléphone bloqué au démarrage. Modèle Redmi Note 12, IMEI 1 : @{imei}, IMEI 2 : @{imei}. Cliente @{name}, à rappeler au @{phone}.
=== imei-marketplace | us uk ca | forum
WTS: iPhone 12 64GB, unlocked, battery 8@{int:1,9}%
IMEI @{imei} (clean, check it yourself)
Pick up at @{addr:1} or text @{phone}
=== imei-pl-zgloszenie | pl | ticket
Klient zgłasza kradzież telefonu. IMEI: @{imei}. Proszę zablokować, kontakt z klientem: @{phone} lub @{email}.
=== imei-br-bo | br | letter
BOLETIM DE OCORRÊNCIA
Comunicante: @{name}, nascido(a) em @{dob:num}
Objeto: celular Moto G52, IMEI @{imei} e @{imei}
Telefone para contato: @{phone}
=== imei-log | us in se | log
@{ts} mdm: enrol imei=@{imei:plain} ip=@{ip4:pub} model=SM-A546B
@{ts} mdm: enrol imei=@{imei:plain} ip=@{ip4:pub} model=M2101K6G
=== imei-table | us dk no | table
| Truck | Tracker IMEI | Last IP |
|---|---|---|
%%rep 3-7
| T@{int:10,99} | @{imei:plain} | @{ip4:pub} |
%%end
=== imei-xml | de cz uk | xml
<fleet>
%%rep 3-5
  <tracker><imei>@{imei:plain}</imei><sim>@{phone:e164}</sim></tracker>
%%end
</fleet>
'''
POS += r'''
=== card-phone-order | us uk ca | transcript
AGENT: And how would you like to pay?
CALLER: Visa... hang on. Okay, it's @{card}, expiry @{int:10,12}/2@{int:6,9}.
AGENT: Thank you. And the delivery address?
CALLER: @{addr:1}.
AGENT: Lovely, that's @{amt} including shipping.
=== card-chat-refund | us uk in au | dialogue
User: I was charged twice for order #@{ref}
Agent: I'm sorry about that! Which card was it?
User: @{card}
Agent: For your safety please don't share full card numbers here. I can see two charges of @{amt} on @{date:num}.
User: ok whatever, refund me or call @{phone}
=== card-csv-export | us uk | csv
txn_id,cardholder,card_number,expiry,amount
%%rep 3-7
T@{dig:6},@{name},@{card:plain},0@{int:1,9}/2@{int:6,9},@{amt}
%%end
=== card-json-log | us br in | json
{"level": "debug", "msg": "charge request", "payload": {"number": "@{card:plain}", "exp_month": @{int:1,12}, "exp_year": 2027, "name": "@{name}"}, "ip": "@{ip4:pub}"}
=== card-hotel-fax | us uk de/en fr/en | form
CREDIT CARD AUTHORIZATION FORM
Guest name: @{name}
Card number: @{card}
Exp. date: 0@{int:1,9}/2@{int:6,9}
Billing address: @{addr:1}
Tel: @{phone}   E-mail: @{email}
I authorize @{company} to charge the above card.
=== card-mail-de | de at ch | email
Betreff: Hotelreservierung

Guten Tag,
wir bestätigen Ihre Reservierung vom @{fdate:num}. Zur Garantie: Kreditkarte @{card}, gültig bis 1@{int:0,2}/2@{int:6,9}, Inhaber @{name}.
Rückfragen unter @{phone}.
=== card-mail-fr | fr | email
Objet : Paiement refusé

Bonjour,
mon paiement par carte bancaire n° @{card} a été refusé deux fois alors que le compte est approvisionné. Mon autre carte @{card} est expirée.
@{name}
=== card-chat-es | es | chat
@{first}: pásame la tarjeta para pagar las entradas
@{first:2}: @{card:space}
@{first:2}: caduca 0@{int:1,9}/2@{int:6,9}
@{first}: comprado 🎉
=== card-it-nl-form | it | form
Modulo d'ordine
Intestatario: @{name}
Carta n.: @{card}
Scadenza: 0@{int:1,9}/2@{int:6,9}
Spedire a: @{addr:1}
=== card-nl-ticket | nl | ticket
Klant @{name} meldt dat creditcard @{card} geblokkeerd is na een betaling van € @{amt}. Tweede kaart: @{card}. Bel terug op @{phone}.
=== card-sql-dump | us in pl | sql
INSERT INTO payment_methods (id, user_id, pan, brand) VALUES
%%rep 3-5 sep=,
(@{dig:4}, @{dig:5}, '@{card:plain}', '@<visa|mastercard|amex>')
%%end
;
=== card-md-fraud | us uk se/en | table
| Card | Holder | Disputed |
|---|---|---|
%%rep 3-7
| @{card} | @{name} | $@{amt} |
%%end
=== card-dk-no-mail | dk no | email
Emne: Kortbetaling

@<~da=Hej|no=Hei> @{first},
kortet @{card} er @<~da=blevet trukket|no=trukket for> @{amt} kr. to @<~da=gange|no=ganger> den @{date:num}. Ring @<~da=venligst |no=meg >på @{phone}.
=== iban-invoice-de | de at | invoice
RECHNUNG Nr. RE-@{year}-@{dig:4}
@{company} · @{addr:1}

Kunde: @{name}, @{addr:1}

Pos  Bezeichnung                 Betrag
1    @{product}                  @{amt} €

Bitte überweisen Sie den Betrag innerhalb von 14 Tagen.
IBAN: @{iban}
Tel. @{phone} · @{emailrole}
=== iban-mail-uk | uk ie | email
Subject: Change of bank details

Hi @{first},

Our bank details have changed. Please use the new account from now on:
Account name: @{company}
IBAN: @{iban}
(old: @{iban})

Call me on @{phone} if you want to verify this.
@{name:2}
=== iban-csv-sepa | de fr nl | csv
creditor;iban;amount;purpose
%%rep 3-7
@{name};@{iban:plain};@{amt};@<~de=Miete|fr=Loyer|nl=Huur> @{int:1,12}/@{year}
%%end
=== iban-json-mandate | nl fi es | json
{"mandate": "MD@{dig:6}", "debtor": {"name": "@{name}", "iban": "@{iban:plain}"}, "creditor": {"name": "@{company}", "iban": "@{iban:plain}"}, "signed": "@{date:iso}"}
=== iban-tikkie-nl | nl | chat
@{first}: wil je het geld overmaken? @{iban}
@{first:2}: doe ik vanavond
@{first}: op naam van @{first} @{last} he
=== iban-sepa-form | de fr it | form
@<~de=SEPA-Lastschriftmandat|fr=Mandat SEPA|it=Mandato SEPA>
@<~de=Name|fr=Nom|it=Nome>: @{name}
@<~de=Adresse|fr=Adresse|it=Indirizzo>: @{addr:1}
IBAN: @{iban:space}
@<~de=Datum|fr=Date|it=Data>: @{date:num}
=== iban-pt-email | pt | email
Assunto: NIB para reembolso

Boa tarde,
segue o IBAN para o reembolso: @{iban:space}. Titular: @{name}. Contacto: @{phone}.
=== iban-pl-chat | pl | chat
@{first}: przelej na @{iban}
@{first:2}: ok, dane odbiorcy?
@{first}: @{name}, @{addr:1}
=== iban-xml-pain | de at fi | xml
<CdtTrfTxInf>
  <Amt><InstdAmt Ccy="EUR">@{int:10,900}.00</InstdAmt></Amt>
  <Cdtr><Nm>@{name}</Nm></Cdtr>
  <CdtrAcct><Id><IBAN>@{iban:plain}</IBAN></Id></CdtrAcct>
  <RmtInf><Ustrd>Invoice @{ref}</Ustrd></RmtInf>
</CdtTrfTxInf>
=== iban-se-dk-no | se dk no | email
@<~sv=Ämne|da=Emne|no=Emne>: IBAN

@<~sv=Hej|da=Hej|no=Hei> @{first}, IBAN @<~sv=är|da=er|no=er> @{iban:space}. Mvh @{name:2}, @{phone}
=== iban-cz-letter | cz | letter
Vážený zákazníku,
přeplatek @{amt} Kč zašleme na účet IBAN @{iban}. Nesouhlasíte-li, volejte @{phone}.
@{company}, @{addr:1}
=== iban-fr-rib | fr | form
RELEVÉ D'IDENTITÉ BANCAIRE
Titulaire : @{name}
@{addr:2}
IBAN : @{iban:space}
Domiciliation : @{city}
=== ticket-delivery | us uk au ca ie | ticket
Ticket #@{ref} [Delivery]
From: @{email}
Phone: @{phone}

Hi, my @{product} never arrived. Tracking says "delivered" but nobody was home. The address is @{addr:1}. Please resend.

@{name}
=== sig-corporate | us uk ca au | email
Hi team,

Please see the attached draft. Comments by @<Friday|Tuesday> would be great.

Best,

@{name}
Senior Account Manager | @{company}
T: @{phone} | M: @{phone}
@{email}
@{addr:1}
=== sig-de | de at ch | email
Sehr geehrte Damen und Herren,

anbei erhalten Sie die gewünschten Unterlagen.

Mit freundlichen Grüßen
i. A. @{name}

@{company}
@{addr:2}
Tel.: @{phone}
Mobil: @{phone}
E-Mail: @{email}
=== sig-fr | fr | email
Bonjour,

Merci pour votre retour, je reviens vers vous la semaine prochaine.

Bien à vous,
@{name}
@{company}
@{addr:2}
Tél. : @{phone} | Port. : @{phone}
@{email}
=== sig-ext | us ca | email
Sounds good, let's talk tomorrow at @{int:1,5}:30.

@{name} | Ops
@{company}
Office: @{phone:nat} ext. @{int:100,899}
Cell: @{phone:nat}
=== cv-en | us uk in ie | cv
@{name}
@{addr:1} | @{phone} | @{email}

SUMMARY
Customer-focused analyst with @{int:3,15} years of experience in retail and logistics.

EXPERIENCE
2019-2023  Data Analyst, @{company}
- Built weekly dashboards used by 40+ stores
EDUCATION
BSc Statistics, 2018
=== cv-de | de at ch | cv
LEBENSLAUF

Persönliche Daten
Name: @{name}
Geburtsdatum: @{dob:num}
Geburtsort: @{city}
Anschrift: @{addr:1}
Telefon: @{phone}
E-Mail: @{email}

Berufserfahrung
03/2019 – heute   Sachbearbeiter, @{company}
=== cv-fr-es-it | fr | cv
@{name}
Né(e) le @{dob:long}
@{addr:1}
@{phone} – @{email}
EXPÉRIENCE
2018-2022 : Chargé de clientèle, @{company}
LANGUES : anglais (B2), espagnol (A2)
=== cv-es | es | cv
CURRÍCULUM VÍTAE
Nombre: @{name}
Fecha de nacimiento: @{dob}
Dirección: @{addr:1}
Teléfono: @{phone}
Correo: @{email}
Experiencia: dependienta en @{company} (2017-2021)
=== cv-it | it | cv
INFORMAZIONI PERSONALI
@{name}
@{addr:1}
@{phone}  @{email}
Data di nascita @{dob:num} | Nazionalità Italiana
ESPERIENZA PROFESSIONALE
2016–2021 Impiegato amministrativo presso @{company}
=== cv-pt-pl-cz | br | cv
CURRÍCULO
@{name}
Data de nascimento: @{dob}
@{addr:1}
Tel.: @{phone} | @{email}
Objetivo: auxiliar administrativo
=== contacts-csv | us uk au in ca ie | csv
name,email,phone,street,city
%%rep 3-7
@{name},@{email},@{phone},"@{street}",@{city}
%%end
=== kontakte-csv | de at ch | csv
Name;E-Mail;Telefon;Straße;PLZ;Ort
%%rep 3-7
@{name};@{email};@{phone};@{street};@{zip};@{city}
%%end
=== contacts-fr-csv | fr | csv
nom;tel;mail;adresse;ville
%%rep 3-7
@{name};@{phone};@{email};@{street};@{city}
%%end
=== contatti-csv | it | csv
"Nome","Telefono","Indirizzo","Citta","Data di nascita"
%%rep 3-7
"@{name}","@{phone}","@{street}","@{city}","@{dob:num}"
%%end
=== crm-yaml | us uk nl de | yaml
%%rep 3-5
- name: @{name}
  phone: "@{phone}"
  email: @{email}
  address: "@{addr:1}"
  last_contact: @{date:iso}
%%end
=== crm-json-en | us ca au ie | json
[
%%rep 3-5 sep=,
  {"id": @{dig:5}, "name": "@{name}", "phone": "@{phone}", "dob": "@{dob:iso}", "address": {"line1": "@{street}", "city": "@{city}"}}
%%end
]
=== vcard | us de fr se | vcard
%%rep 1-2
BEGIN:VCARD
VERSION:3.0
FN:@{name}
TEL;TYPE=CELL:@{phone}
EMAIL:@{email}
BDAY:@{dob:iso}
END:VCARD
%%end
=== shopify-order-mail | us uk ca au | email
Order #@{dig:5} confirmed

Thank you for your purchase, @{first}!

Shipping address
@{name}
@{addr:3}

Contact: @{phone}
1 x @{product} ............ $@{amt}
=== bestellung-de | de at | email
Vielen Dank für Ihre Bestellung @{ref:B}!

Lieferadresse:
@{name}
@{addr:3}

Rechnungsadresse:
@{name:2}
@{addr:2}

Telefon für Rückfragen: @{phone}
=== commande-fr | fr | email
Votre commande n° @{ref} est en préparation.

Adresse de livraison :
@{name}
@{addr:3}
Téléphone : @{phone}

Une question ? @{emailrole}
=== pedido-es | es | dialogue
Cliente: Hola, mi pedido @{ref:ES-} no ha llegado
Soporte: Lo siento, @{first}. ¿Me confirma la dirección de entrega?
Cliente: @{addr:1}
Soporte: ¿Y un teléfono para el repartidor?
Cliente: @{phone}
Soporte: Perfecto, se lo entregamos mañana.
=== bestelling-nl | nl | dialogue
Klant: mijn pakket is bij de buren bezorgd maar ik weet niet welke
Support: Wat vervelend! Wat is uw adres?
Klant: @{addr:1}
Support: En op welk nummer kunnen we u bereiken?
Klant: @{phone}
Support: Het ligt bij nummer @{int:1,99}.
=== encomenda-pt | pt | email
Assunto: Alteração de morada

Boa tarde,
mudei de casa, a nova morada é @{addr:1}. O telemóvel mantém-se: @{phone}. Data de nascimento para confirmação: @{dob:num}.
Obrigado,
@{name}
=== ordine-it | it | chat
[@{time}] @{first}: ciao, l'indirizzo per la consegna è @{addr:1}
[@{time}] @{first}: citofono @{last}
[@{time}] Negozio: ok! un numero per il corriere?
[@{time}] @{first}: @{phone}
=== zamowienie-pl | pl | email
Temat: Zmiana adresu dostawy, zamówienie @{ref}

Dzień dobry, proszę wysłać paczkę na adres:
@{addr:2}
Telefon dla kuriera: @{phone}
@{name}
=== bestallning-sv | se | dialogue
Kund: Hej, ni har fel adress på mitt paket
Support: Hej! Vad är rätt adress?
Kund: @{addr:1}
Support: Och mobilnummer för avisering?
Kund: @{phone}
Support: Klart!
=== tilaus-fi | fi | email
Aihe: Tilaus @{ref}
Hei, toimitusosoite on @{addr:1} ja puhelinnumeroni @{phone}. Syntymäaikani on @{dob:num}, jos tarvitsette sen tarkistukseen.
@{name}
=== ordre-da | dk | ticket
Sag @{ref}: Kunde @{name} har ikke modtaget varen.
Adresse: @{addr:1}
Telefon: @{phone}
Mail: @{email}
Fødselsdato: @{dob:num}
=== ordre-no | no | ticket
Kunde: @{name}
Adresse: @{addr:1}
Mobil: @{phone}
Fødselsdato: @{dob:num}
Sak: @{product} kom i feil farge, ønsker retur.
=== objednavka-cs | cz | email
Předmět: Objednávka č. @{ref}

Dobrý den,
doručte prosím na adresu @{addr:1}. Můj telefon je @{phone}, e-mail @{email}. Datum narození: @{dob:num}.
@{name}
=== cs-tabulka | cz | table
| Jméno | Telefon | Adresa |
|---|---|---|
%%rep 3-7
| @{name} | @{phone} | @{addr:1} |
%%end
=== da-csv | dk no | csv
navn;telefon;adresse;by
%%rep 3-7
@{name};@{phone};@{street};@{city}
%%end
=== fi-sv-csv | fi se | csv
@<~fi=nimi|sv=namn>,@<~fi=puhelin|sv=telefon>,email
%%rep 3-7
@{name},@{phone},@{email}
%%end
=== medical-letter-us | us | medical
PATIENT: @{name}
DOB: @{dob:num}
MRN: @{dig:7}
DATE OF VISIT: @{date:num}

HPI: @{int:30,79}-year-old presenting with @<left knee pain|palpitations|dizziness>. Lives at @{addr:1} with spouse. Reachable at @{phone}.
=== arztbrief-de | de at ch | medical
Sehr geehrte Frau Kollegin,

wir berichten über @{name}, geb. @{dob:num}, wohnhaft @{addr:1}, die sich vom @{date:num} bis @{date:num} in unserer stationären Behandlung befand.

Diagnose: @<Pneumonie rechts basal|Z. n. Appendektomie|Hypertensive Entgleisung>
Rückfragen: @{phone}
=== ordonnance-fr | fr | medical
Dr @{name:2}
@{addr:1}
Tél. @{phone}

Le @{date:num}
@{name}, né(e) le @{dob:num}
Paracétamol 1 g, 3 fois par jour pendant 5 jours
=== informe-es-pediatria | es | medical
Niña nacida el @{dob:long,8}. Acude con su madre (@{phone}) por fiebre de @{int:2,4} días. Domicilio: @{addr:1}. Exploración normal.
=== referto-pronto-soccorso | it | medical
Pronto Soccorso - @{date:num} @{time}
Paz. @{name}, nato il @{dob:num}, res. @{addr:1}
Accompagnato da @{name:2}, tel. @{phone}
Triage: verde
=== vet-record | uk us au | medical
Owner: @{name}, @{addr:1}, @{phone}
Patient: Biscuit, cat, neutered, 4.2 kg
Vaccinated @{date:num}. Next due @{fdate:num}. Reminder by e-mail to @{email}.
=== school-form | us uk ie | form
EMERGENCY CONTACT FORM
Student: @{name:8}     Date of birth: @{dob:any,8}
Parent/guardian 1: @{name:2}  Phone: @{phone}
Parent/guardian 2: @{name:3}  Phone: @{phone}
Home address: @{addr:1}
Allergies: @<none|peanuts|penicillin>
=== kita-anmeldung-de | de | form
Anmeldung Kindertagesstätte
Kind: @{name:8}, geboren am @{dob:long,8}
Mutter: @{name:2}, Tel. @{phone}
Vater: @{name:3}, Tel. @{phone}
Adresse: @{addr:1}
Abholberechtigt: Oma (@{phone})
=== insurance-claim | us uk au | letter
RE: Claim @{ref:C-}

Dear Claims Department,

On @{date:long} a tree fell on my roof at @{addr:1}. Photos attached. My date of birth is @{dob:long}; you can reach me at @{phone} during the day or @{phone} in the evening.

Sincerely,
@{name}
=== birthday-party-chat | us uk ca | chat
@{first}: when is @{first:4}s bday again? need it for the cruise form
@{first:2}: born @{dob:long,4}
@{first}: and yours?
@{first:2}: @{dob:num,2}, born in a snowstorm apparently
=== dob-verify-dialogue | us uk in au | dialogue
Agent: For verification, what is your date of birth?
Customer: @{dob}
Agent: And the phone number on the account?
Customer: @{phone}
Agent: And the service address?
Customer: @{addr:1}
Agent: You're all set, @{first}.
=== dob-dialog-de | de at ch | dialogue
Berater: Zur Legitimation bitte Ihr Geburtsdatum.
Kundin: @{dob}
Berater: Danke. Unter welcher Nummer erreichen wir Sie?
Kundin: @{phone}
=== dob-dialog-nl-se | nl | dialogue
Assistent: Wat is je geboortedatum?
Gebruiker: @{dob}
Assistent: En je e-mailadres?
Gebruiker: @{email}
Assistent: Bedankt, je account is hersteld.
=== dob-fr-assistant | fr | dialogue
Utilisateur : Peux-tu remplir ce formulaire pour la personne que j'accompagne ? C'est @{name}, né(e) le @{dob:long} à @{city}, qui habite @{addr:1}.
Assistant : Bien sûr. Nom : @{last}. Prénom : @{first}. Souhaitez-vous ajouter un téléphone ?
Utilisateur : Oui, le @{phone}
=== dob-genealogy | us uk | forum
Looking for info on my mother's cousin @{name}, born @{dob:long} in @{city}. Her sister @{first:2} was born on @{dob:long,2}. Emigrated 1969. Please email me at @{email}.
=== dob-csv-members | us uk pl cz es | csv
member,name,birth_date,joined
%%rep 3-7
@{dig:4},@{name},@{dob:num},@{date:iso}
%%end
=== dob-mitglieder-de | de at ch | table
| Mitglied | Geb.-Datum | Eintritt |
|---|---|---|
%%rep 3-7
| @{name} | @{dob:num} | @{date:num} |
%%end
=== dob-sql | us fr nl | sql
UPDATE person SET date_of_birth = '@{dob:iso}' WHERE person_id = @{dig:5}; -- @{name}
UPDATE person SET date_of_birth = '@{dob:iso,2}', phone = '@{phone}' WHERE person_id = @{dig:5}; -- @{name:2}
=== dob-xml | us es it | xml
<travellers>
%%rep 3-5
  <traveller><name>@{name}</name><birthDate>@{dob:iso}</birthDate><email>@{email}</email></traveller>
%%end
</travellers>
=== dob-flight-mail | es pt | email
@<~es=Asunto|pt=Assunto>: @<~es=Datos de los pasajeros|pt=Dados dos passageiros>
%%rep 2-4
@{name}, @{dob:num}
%%end
(@<~es=nombre y fecha de nacimiento|pt=nome e data de nascimento>)
Tel. @{phone}
=== dob-fi-se-no | se | form
Namn: @{name}
Födelsedatum: @{dob:iso}
Mobil: @{phone}
E-post: @{email}
Simkunnighet: @<god|nybörjare>
=== dob-pl-notatka | pl | crm
Klientka @{name}, ur. @{dob}, mieszka przy @{addr:1}. Prosi o kontakt po 16 pod @{phone}.
=== dob-br-ficha | br | dialogue
Recepção: Bom dia! Data de nascimento do paciente?
Paciente: @{dob}
Recepção: Telefone para contato?
Paciente: @{phone}
Recepção: Consulta marcada para @{fdate:num} às @{time}.
=== voicemail | us ca | transcript
"Hi, this is @{name} calling about the apartment on @{street}. Call me back at @{phone:nat#x}. Again that's @{phone:nat#x}, or if I don't pick up try @{phone:nat#y}. Thanks, bye."
=== subtitles-srt | us uk | subtitles
1
00:00:01,200 --> 00:00:03,900
Okay, write this down. My number is

2
00:00:04,000 --> 00:00:06,500
@{phone:nat}.

3
00:00:07,000 --> 00:00:10,100
And I'm at @{street}. Come alone.
=== classifieds | us uk au ca | forum
FOR SALE: @{product}, hardly used, $@{int:20,300}. Pick-up only from @{addr:1}. Text @{first} on @{phone}. No time wasters.
=== kleinanzeige-de | de at ch | forum
Verkaufe @{product}, VB @{int:20,300} €. Abholung: @{addr:1}. Bei Interesse anrufen: @{phone} (ab 18 Uhr) oder Mail an @{email}.
=== ogloszenie-petites | fr | forum
Vends @{product} très bon état, @{int:20,300} €. À retirer au @{addr:1}. Appelez le @{phone}, pas de SMS.
=== slack-address | us uk | chat
@{first} [@{time}]
can someone send the laptop to my home this week?
@{first:2} [@{time}]
sure, where to?
@{first} [@{time}]
@{addr:1}
@{first:2} [@{time}]
and a mobile for the courier?
@{first} [@{time}]
@{phone}
=== discord-slang | us uk in | chat
@{user}: yo gimme ur num
@{user:2}: @{phone:nat}
@{user}: bet. ill hyu after work
@{user:2}: or email me lol @{email:2}
=== rental-de | de | contract
MIETVERTRAG

Vermieter: @{name}, @{addr:1}
Mieter: @{name:2}, geb. am @{dob:num,2}, derzeit wohnhaft @{addr:1}

§ 1 Vermietet wird die Wohnung @{street}, 2. OG links.
§ 4 Die Miete ist auf das Konto IBAN @{iban:space,DE} zu zahlen.
=== rental-us | us | contract
THIS LEASE AGREEMENT is made on @{date:long} between @{name} ("Landlord") and @{name:2} ("Tenant").

1. PREMISES. Landlord leases to Tenant the dwelling located at @{addr:1}.
2. RENT. $@{int:900,3200} due on the 1st of each month.
3. NOTICES. To Landlord: @{pobox}; telephone @{phone}.
=== contrat-travail-fr | fr | contract
CONTRAT DE TRAVAIL À DURÉE INDÉTERMINÉE

Entre la société @{company}, dont le siège est situé @{addr:1},
et M./Mme @{name}, né(e) le @{dob:long}, demeurant @{addr:1},
il a été convenu ce qui suit : la rémunération brute est fixée à @{int:1900,3900} € par mois.
=== contract-in | in | contract
RENT AGREEMENT
This agreement is made at @{city} on @{date:long} between @{name}, residing at @{addr:1} (LESSOR) and @{name:2}, S/o @{name:3}, residing at @{addr:1}, Mob. @{phone} (LESSEE).
Monthly rent Rs. @{int:8,45},000 payable before the 5th.
=== invoice-uk | uk ie | invoice
INVOICE  @{ref}
@{company}
@{addr:2}
Tel @{phone}   @{emailrole}

Invoice to: @{name}, @{addr:1}
Labour (@{int:2,9} hrs)     £@{amt}
Payment within 30 days.
=== invoice-au | au | invoice
TAX INVOICE @{ref}
@{name} Plumbing - @{phone} - @{email}
Job address: @{addr:1}
Hot water unit replacement   $@{amt:800,2400}
GST included
=== html-contact | us de fr es | html
<footer>
  <p>@{company}<br>@{addr:1}</p>
  <p><a href="mailto:@{emailrole#m}">@{emailrole#m}</a></p>
  <p><a href="tel:@{phone:e164}">@{phone:nat}</a></p>
</footer>
=== html-table-staff | us nl pl se | html
<table>
<tr><th>Name</th><th>Phone</th><th>E-mail</th></tr>
%%rep 3-5
<tr><td>@{name}</td><td>@{phone}</td><td>@{email}</td></tr>
%%end
</table>
=== impressum-de | de at ch | html
Impressum

Angaben gemäß § 5 DDG
@{company}
@{addr:2}

Vertreten durch: @{name}
Telefon: @{phone}
Telefax: @{phone}
E-Mail: @{emailrole}
=== ocr-business-card | us uk fr it | ocr
@{company}
@{NAME}
Sales
tel @{phone}
fax @{phone}
@{email}
@{addr:1}
=== mail-thread-headers | us uk in ca | email
From: @{name} <@{email}>
To: @{name:2} <@{email:2}>
Cc: @{emailnew}, @{emailrole}
Date: @{date:long}
Subject: RE: site visit

Works for me. The site is @{addr:1}; ask for @{first:3} at the gate, @{phone}.

> On @{date:num}, @{name:2} <@{email:2}> wrote:
> Can you do Thursday at @{int:9,11}?
=== email-list-bounce | us de fr se | log
%%rep 3-7
@{ts} postfix/smtp[@{dig:4}]: to=<@{email}>, relay=mx.@{corp}[@{ip4:pub}]:25, status=@<bounced|sent|deferred>
%%end
=== ini-alert | us uk se pl | ini
[alerts]
enabled = yes
mail_to = @{email}, @{email:2}
sms_to = @{phone:e164}
threshold = 85
=== git-log | us de in | log
commit @{hex:40}
Author: @{name} <@{email}>
Date:   @{date:iso} @{hms}

    Fix off-by-one in pager

    Co-authored-by: @{name:2} <@{email:2}>
=== newsletter-unsub | de it nl es | email
@{email}
@{email:2}
@{email:3}

@<~de=Bitte diese Adressen aus dem Newsletter nehmen.|it=Per favore togliete questi indirizzi dalla lista.|nl=Graag deze adressen uit de nieuwsbrief halen.|es=Por favor, quiten estas direcciones de la lista.>
=== event-signup-table | us ca ie au | table
| Guest | Contact | Address |
|---|---|---|
%%rep 3-7
| @{name} | @<@{phone}|@{email}> | @{addr:1} |
%%end
=== pobox-letter | us au ca uk ie | letter
@{company}
@{pobox}

@{date:long}

Dear @{name},
Please send the signed form to the PO box above or fax it to @{phone}. Do not send it to our office at @{addr:1}.
=== postfach-de | de ch at | letter
Bitte senden Sie die Unterlagen an:
@{company}, @{pobox}
oder geben Sie sie persönlich ab: @{addr:1}. Öffnungszeiten 8-16 Uhr, Tel. @{phone}
=== taxi-transcript | uk ie in | transcript
Dispatcher: City Cabs, where from?
Caller: @{addr:1} please, going to the airport.
Dispatcher: What's your number, love?
Caller: @{phone}
Dispatcher: Five minutes.
=== pizza-chat-de | de at | chat
Kunde: 2x Margherita und 1 Salat bitte, Lieferung in die @{street}, 3. Stock
Shop: Name und Telefon?
Kunde: @{last}, @{phone}
Shop: ca. 40 min 🍕
=== police-report | us | letter
INCIDENT REPORT @{ref}
Reporting party: @{name}, DOB @{dob:num}, @{addr:1}, @{phone}
Victim: @{name:2}, DOB @{dob:num,2}
Narrative: R/P stated that between 2200 and 0600 hours an unknown suspect removed a bicycle from the carport.
=== funeral-notice | ie uk | letter
@{last} - @{date:long}, peacefully at home, @{first}, @{addr:1}. Born @{dob:long}. House private. Enquiries to @{phone}.
=== hr-yaml-us | us | yaml
employee:
  name: @{name}
  ssn: "@{ssn}"
  dob: @{dob:iso}
  emergency:
    name: @{name:2}
    phone: "@{phone}"
=== volunteer-forum | us uk ca | forum
Hi all, I'm @{first} and I can drive people on Sundays. I'm at @{street}. Call or text @{phone}, or PM me. Also happy to lend the trailer.
=== sms-otp-forward | us uk in | chat
@{first}: can u log in for me? @{email} / @{pw}
@{first:2}: it says wrong password
@{first}: sry, @{pw}
@{first:2}: in!
=== neighbours-es | es | letter
Estimados vecinos:
La reunión será en @{addr:1} el @{fdate:long}. Quien no pueda asistir, llame a @{name} (@{phone}) o escriba a @{email}.
=== pt-contrato-trabalho | pt | contract
CONTRATO DE TRABALHO
Entre @{company}, com sede na @{addr:1}, e @{name}, nascido(a) a @{dob:long}, residente na @{addr:1}, telefone @{phone}, é celebrado o presente contrato.
IBAN para pagamento: @{iban:space,PT}
=== pt-tabela-clientes | pt br | table
| Cliente | Telefone | Nascimento |
|---|---|---|
%%rep 3-7
| @{name} | @{phone} | @{dob:num} |
%%end
=== md-onboarding | us uk au | markdown
## New hire: @{name}
- Start: @{fdate:long}
- Personal e-mail: @{email}
- Phone: @{phone}
- Ship laptop to: @{addr:1}
- Birthday (for the cake): @{dob:long}
'''
HARD += r'''
=== h-orders-csv | us uk de | csv
order_no,sku,qty,price
%%rep 3-6
@{dig:10},@{code:8},@{int:1,9},@{amt}
%%end
=== h-order-dialogue | us uk in | dialogue
Agent: What is your order number?
User: @{dig:10}
Agent: And the date of purchase?
User: @{date:num}
Agent: It left the warehouse yesterday, tracking 1Z@{code:8}@{dig:8}.
=== h-bestellnr-de | de at | email
Betreff: Bestellung @{dig:9}

Guten Tag, meine Bestellnummer lautet @{dig:9}, Artikelnummer @{dig:8}. Wann wird geliefert?
Gruß, @{name}
=== h-commande-fr | fr | email
Bonjour, ma commande n° @{dig:10} du @{date:num} n'est pas arrivée. Référence client : C@{dig:7}.
Cordialement, @{name}
=== h-pedido-es | es | dialogue
Agente: ¿Número de pedido?
Cliente: @{dig:9}
Agente: Veo que se facturó el @{date:num} por @{amt} €.
=== h-ordine-it | it | email
Il numero d'ordine è @{dig:10}, la fattura è la n. @{ref}/2024 del @{date:num}. Attendo riscontro. @{name}
=== h-bestelling-nl | nl | dialogue
Support: Wat is uw bestelnummer?
Klant: @{dig:9}
Support: Besteld op @{date:num}, bezorgd op @{date:num}.
=== h-zamowienie-pl | pl | email
Numer zamówienia: @{dig:9}. Numer partii: @{dig:11}. Proszę o fakturę. Pozdrawiam, @{name}
=== h-pedido-br | br | dialogue
Atendente: Qual o número do protocolo?
Cliente: @{dig:11}
Atendente: Obrigada, @{first}. Protocolo aberto em @{date:num}.
=== h-sv-order | se | email
Ordernummer @{dig:10}, artikelnr @{dig:7}. Levererat @{date:iso}. Hälsningar @{first}
=== h-fi-tilaus | fi | email
Tilausnumero @{dig:8}, viitenumero @{dig:10}. Toimitettu @{date:num}. T. @{first}
=== h-da-no-ordre | dk no | email
Ordrenummer: @{dig:8}. Varenummer: @{dig:8}. @<~da=Leveret|no=Levert> @{date:num}. Mvh @{first}
=== h-cs-obj | cz | email
Číslo objednávky: @{dig:9}, zboží č. @{dig:8}, dodáno @{date:num}. S pozdravem @{name}
=== h-card-bad-chat | us uk in | dialogue
User: my card @{bad.card} is always refused at checkout
Agent: The number you typed fails the checksum, so one digit must be wrong. Please check it again.
=== h-card-bad-de | de | email
Die Kreditkartennummer @{bad.card} auf Ihrem Formular ist ungültig (Prüfziffer falsch). Bitte senden Sie uns das Formular erneut.
=== h-card-masked | us uk fr de | email
Your card ending in @{dig:4#a} (**** **** **** @{dig:4#a}) was charged @{amt} on @{date:num}. Authorization code @{code:6}.
=== h-card-masked-csv | us es it | csv
customer,card,amount
%%rep 3-5
@{name},XXXX-XXXX-XXXX-@{dig:4},@{amt}
%%end
=== h-card-docs | us | markdown
A PAN consists of the IIN (first 6 or 8 digits), the account identifier and a Luhn check digit. Visa numbers start with 4 and have 16 digits; American Express numbers have 15 and start with 34 or 37.
=== h-card-test-bad | us in | code
def test_luhn_rejects():
    assert not luhn("@{bad.card:plain}")
    assert not luhn("@{bad.card:plain}")
=== h-ean-isbn | us uk de fr | table
| Title | ISBN | EAN |
|---|---|---|
%%rep 2-4
| @<Garden Birds|Night Train|Die Wanderung|Le Pont> | 978-3-@{dig:3}-@{dig:5}-@{int:0,9} | 40@{dig:11} |
%%end
=== h-iban-bad-mail | de at nl | email
@<~de=Die|nl=De> IBAN @{bad.iban} @<~de=ist ungültig, die Überweisung wurde zurückgewiesen.|nl=is ongeldig, wilt u die corrigeren?>
=== h-iban-bad-en | uk ie fr/en | ticket
Validation error: IBAN @{bad.iban} failed mod-97. Customer must have mistyped it. Ticket @{ref}.
=== h-iban-bad-es | es | ticket
El IBAN @{bad.iban} no supera la comprobación, pídanle al cliente que lo revise.
=== h-iban-masked | de fr nl | email
@<~de=Auszahlung auf Konto|fr=Virement sur le compte|nl=Uitbetaling op rekening> DE** **** **** **** **** @{int:10,99}, @{date:num}. Ref. RF@{dig:6}.
=== h-iban-docs | us de/en | markdown
An IBAN starts with the country code and two check digits (e.g. DEkk BBBB BBBB CCCC CCCC CC). Germany uses 22 characters, Norway 15, Malta 31.
=== h-bic | de fr it | form
BIC: @<COBADEFF|BNPAFRPP|UNCRITMM|DEUTDEFF>XXX
Bankleitzahl: @{dig:3} @{int:100,999} @{int:10,99}
Verwendungszweck: Rechnung @{ref}
=== h-eth-txhash | us uk in | log
@{ts} tx 0x@{hex:64} status=success gas=@{int:21000,90000}
@{ts} tx 0x@{hex:64} status=reverted block=@{dig:8}
=== h-btc-txid | us de/en | forum
My transaction has been unconfirmed since yesterday, txid @{hex:64}. Fee was @{int:2,9} sat/vB. Should I bump it?
=== h-btc-bad | us | ticket
Wallet rejects the address @{bad.btc} with "checksum mismatch". Probably a typo by the user.
=== h-commit-log | us de fr | log
%%rep 3-5
commit @{hex:40}
    @<Fix typo|Bump version|Refactor parser|Add tests> (#@{int:10,990})
%%end
=== h-sha-sums | us uk pl | log
%%rep 3-4
@{hex:64}  app-@{ver}.tar.gz
%%end
=== h-md5-table | us se | table
| File | MD5 |
|---|---|
%%rep 3-4
| setup_@{int:1,20}.exe | @{hex:32} |
%%end
=== h-docker-digests | us nl | yaml
services:
  web:
    image: nginx@sha256:@{hex:64}
  api:
    image: ghcr.io/acme/api@sha256:@{hex:64}
=== h-uuid-json | us in br | json
{"requestId": "@{uuid}", "traceId": "@{hex:32}", "spanId": "@{hex:16}", "items": ["@{uuid}", "@{uuid}"]}
=== h-etag-headers | us de | log
HTTP/2 200
etag: "@{hex:32}"
x-request-id: @{uuid}
x-amz-version-id: null
content-length: @{int:200,90000}
last-modified: Tue, 04 Mar 2025 @{hms} GMT
=== h-loopback | us de fr | config
listen 127.0.0.1:8080;
listen [::1]:8080;
proxy_pass http://127.0.0.1:@{int:3000,9000};
set_real_ip_from 0.0.0.0/0;
=== h-netmask | us uk nl | form
Subnet mask: 255.255.255.0
Alternative: 255.255.240.0
Broadcast: 255.255.255.255
Bind address: 0.0.0.0
=== h-versions | us de pl | forum | ip
After the update from version @{int:1,9}.@{int:1,30}.@{int:1,9}.@{int:1,200} to version @{int:1,9}.@{int:1,30}.@{int:1,9}.@{int:1,200} the app crashes. Firmware v@{int:1,9}.@{int:0,20}.@{int:0,20}.@{int:10,99}.
=== h-versions-csv | us fr | csv | ip
package,version
%%rep 3-5
@<libfoo|barkit|qtbase|chromedriver>,@{int:1,130}.@{int:0,9}.@{int:1,200}.@{int:1,99}
%%end
=== h-sections | us uk | contract | ip
4.2.1.3 The Supplier shall deliver the Goods as set out in section 4.1.2.7.
4.2.1.4 Title passes on payment, see clause 9.1.1.2.
=== h-oid | us de | config
snmpwalk: 1.3.6.1.4.1.@{int:1000,9999}.1.2 = STRING: "rack @{int:1,9}"
extendedKeyUsage = 1.3.6.1.5.5.7.3.1
=== h-times | us de se | log
%%rep 3-5
[@{hms}] step @{int:1,9}: elapsed 00:@{int:10,59}:@{int:10,59}
%%end
=== h-cpp-colons | us in | code
std::vector<std::string> v;
using a::b::c::d;
auto x = ns::shape::add(geo::center(), gfx::origin());
=== h-mac-null | us de | log
link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
wlan0: bssid 00:00:00:00:00:00, dst ff:ff:ff:ff:ff:ff
multicast to FF-FF-FF-FF-FF-FF dropped
=== h-mac-lookalike | us fi | log
fingerprint SHA1 @{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}:@{hex:2}
duration 01:@{int:10,59}:@{int:10,59}
=== h-ssh-pub | us de nl | config
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI@{alnum:43} @{first}-laptop
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC@{alnum:96} build
=== h-cert-public | us uk | config
-----BEGIN CERTIFICATE-----
MIID@{alnum:60}
@{alnum:64}
@{alnum:64}
@{alnum:40}
-----END CERTIFICATE-----
=== h-pubkey-pem | us fr | config
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A@{alnum:32}
@{alnum:64}
@{alnum:24}IDAQAB
-----END PUBLIC KEY-----
=== h-placeholder-env | us uk in de | config | secret
OPENAI_API_KEY=<your-key>
DATABASE_PASSWORD=changeme
STRIPE_SECRET=sk_live_xxxxxxxxxxxxxxxx
JWT_SECRET=${JWT_SECRET}
AWS_SECRET_ACCESS_KEY=
=== h-placeholder-yaml | us nl se | yaml | url_credentials email
database:
  user: app
  password: ${DB_PASSWORD}
  url: postgres://user:password@localhost:5432/app
token: "{{ vault_token }}"
=== h-placeholder-code | us in pl | code
import os
api_key = os.environ["OPENAI_API_KEY"]
password = getpass.getpass("Password: ")
token = config.get("token")
secret = None
client = Client(api_key=api_key, password=password)
=== h-placeholder-js | us br | code
const token = process.env.GITHUB_TOKEN;
const password = req.body.password;
if (!password || password.length < 12) throw new Error("password too short");
const apiKey = await getSecret("prod/api-key");
=== h-placeholder-gha | us de | yaml
env:
  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}
  AWS_ACCESS_KEY_ID: ${{ secrets.AWS_ACCESS_KEY_ID }}
  PASSWORD: "********"
=== h-placeholder-curl | us uk | markdown | url_credentials
```
curl -H "Authorization: Bearer YOUR_TOKEN" https://api.acme.dev/v1/me
curl -u username:password https://acme.dev/private
git clone https://<user>:<pass>@git.acme.dev/repo.git
```
Replace YOUR_TOKEN with the token from your settings page.
=== h-pw-policy | us uk ie | letter
Password policy: passwords must be at least 12 characters long, contain one digit and one special character and be changed every @{int:90,180} days. Never share your password by e-mail. A PIN is not a password.
=== h-pw-policy-de | de at | letter
Passwortrichtlinie: Das Passwort muss mindestens 12 Zeichen lang sein und Groß- und Kleinbuchstaben sowie eine Ziffer enthalten. Passwort vergessen? Klicken Sie auf "Passwort zurücksetzen".
=== h-pw-policy-fr | fr | letter
Votre mot de passe doit comporter au moins 12 caractères. Mot de passe oublié ? Utilisez le lien ci-dessous. Le lien expire dans @{int:10,60} minutes.
=== h-pw-reset-es | es | email
Hola @{first}: has solicitado restablecer tu contraseña. Por seguridad no enviamos contraseñas por correo. Si no fuiste tú, ignora este mensaje.
=== h-pw-reset-pt | br pt | email
Olá @{first}, sua senha foi alterada em @{date:num} às @{time}. Se não foi você, redefina a senha no aplicativo.
=== h-pw-hidden-it | it | email
Nome utente: @{user}
Password: ********
Per motivi di sicurezza la password non viene mostrata. Puoi cambiarla dal tuo profilo.
=== h-pw-log | us nl | log
@{ts} INFO login ok user=@{user} password=[REDACTED]
@{ts} WARN login failed user=@{user:2} password=*** reason=bad_password
=== h-pw-chat | us uk | chat
@{first}: forgot my password again lol
@{first:2}: use the reset link
@{first}: password reset mail never comes
@{first:2}: check spam. and get a password manager
=== h-pw-chat-de | de | chat
@{first}: hast du das Passwort fürs WLAN?
@{first:2}: hängt am Kühlschrank
@{first}: ok danke
=== h-token-nlp | us in | markdown
The tokenizer splits the text into tokens; each token is mapped to an id. Token 50256 is the end-of-text token, token: "@<hello|world|tree>" is id @{int:1000,40000}. max_tokens=512, secret sauce: data.
=== h-func-names | us pl | code
def reset_password(user, token_generator=default_token_generator):
    validate_password(user)
    api_key_header = "X-Api-Key"
    password_field = "passwd1_field"
    return make_token(user)
=== h-bcrypt-doc | us | markdown
Store only hashes. Integrity: `sha512-@{alnum:64}==` in the lockfile is not a secret.
=== h-lockfile | us de br | json
"node_modules/left-pad": {
  "version": "@{ver}",
  "resolved": "https://registry.npmjs.org/left-pad/-/left-pad-@{ver}.tgz",
  "integrity": "sha512-@{alnum:86}=="
}
=== h-at-npm | us in fr | code | email
npm install @types/node@20.1.4 @angular/core@17 lodash@4.17.21
import x from "@scope/pkg";
<img src="logo@2x.png" srcset="logo@3x.png 3x">
=== h-at-decorators | us de | code
@app.route("/health")
@login_required
def health():
    return "ok"

@dataclass
class Point:
    x: int
=== h-at-git | us uk nl | log | email
git clone git@github.com:acme/tools.git
git remote add up git@gitlab.com:group/sub/project.git
Permission denied (publickey).
=== h-at-obfuscated | us de fr | forum
Write me at @{first} (at) company (dot) com or @{last} [at] mail [dot] org and I will send the files.
=== h-at-handles | us uk br | chat
@@{user}: did you see what @@{user:2} posted? cc @@{user:3}
lunch @ @{int:11,13}? meet @ the corner
=== h-at-price | uk us | invoice
12 pcs @ 4.50 = 54.00
3 pcs @ 19.99 = 59.97
Discount 10% @ checkout
=== h-emergency-en | us uk au ie | letter
In an emergency call 911 (or 999 / 112 / 000 depending on where you are). For non-urgent police matters dial 101. Crisis line: text 988.
=== h-emergency-de | de at ch | letter
Notruf: Polizei 110, Feuerwehr und Rettungsdienst 112. Bitte Ruhe bewahren und auf Rückfragen warten.
=== h-emergency-fr | fr | letter
En cas d'urgence, composez le 15 (SAMU), le 17 (police), le 18 (pompiers) ou le 112.
=== h-emergency-mix | es it pl nl | letter
@<~es=En caso de emergencia llame al 112 y mantenga la calma.|it=In caso di emergenza chiamare il 112 e restare in linea.|pl=W razie niebezpieczeństwa dzwoń pod numer 112.|nl=Bel bij nood 112. Blijf aan de lijn.>
=== h-street-news | us uk | article
Wall Street closed higher on @{date:long}. Analysts on Fleet Street were less cheerful. Downing Street declined to comment, while the mood on Main Street stayed cautious.
=== h-street-news-de | de | article
Die Bauarbeiten in der Hauptstraße dauern bis Herbst. Auch die Berliner Allee und der Kirchplatz sind betroffen, der Bus @{int:10,99} wird umgeleitet.
=== h-street-fr | fr | article
La rue de la République sera fermée le @{fdate:long}. Les riverains du boulevard Saint-Michel et de la place du Marché sont invités à se garer ailleurs.
=== h-street-es | es | article
El desfile recorrerá la Calle Mayor y la Avenida de la Constitución hasta la Plaza España el @{fdate:long}.
=== h-street-it | it | article
Via Roma e Corso Italia chiuse al traffico domenica. In Piazza Dante il mercatino, stand aperti dalle @{int:8,10} alle @{int:17,20}.
=== h-battle | us uk | article
The Battle of Bunker Hill and the siege of Vicksburg are covered in chapter @{int:3,12}. See also Operation Market Garden and Hill 60.
=== h-highway | us au ca | article
Take Route 66 to exit @{int:12,220}, then Interstate 40 west for @{int:10,90} miles. Gate 12 opens at 9. Platform 9, track 3.
=== h-company-street | us uk | article
State Street and 20th Century Studios reported earnings. Bond Street Partners bought @{int:10,40}% of Baker Street Media; Abbey Road Studios is not for sale.
=== h-city-only | us de fr es | chat
@{first}: where are you based?
@{first:2}: @{city}, moved from @{city} in @{year:2012,2020}
@{first}: nice, I was in @{city} last week
=== h-postcodes | uk us de | csv
zone,postcode,price
%%rep 3-5
@{int:1,9},@{zip},@{amt:3,20}
%%end
=== h-weather | us uk ca | article
Forecast for @{city}: high of @{int:12,34}, low of @{int:-4,11}. Rain 60%. Wind SW @{int:5,40} km/h.
=== h-dates-project | us uk in | email
Kick-off is on @{fdate:long}, first milestone on @{fdate:num}, go-live @{fdate:long}. Minutes of @{date:num} attached.
=== h-dates-de | de at ch | email
Die Rechnung vom @{date:num} ist am @{fdate:num} fällig. Vertragsbeginn: @{date:num}. Liefertermin: @{fdate:long}.
=== h-dates-company | us uk fr/en | article
@{company} was founded on @{date:long} and opened its @{city} office on @{date:long}. The building was completed in @{year:1960,1999}.
=== h-dates-fr | fr | letter
La société @{company} a été créée le @{date:long}. Contrat signé le @{date:num}, échéance le @{fdate:num}.
=== h-birth-year | us uk ca | article
@{name}, born in @{year:1950,1990}, is @{int:30,70} years old and has played for the club since @{year:2005,2015}. The season starts on @{fdate:long}.
=== h-birth-year-de | de | article
@{name} (Jahrgang @{year:1950,1990}) arbeitet seit @{date:num} bei @{company}. Die @{int:30,60}-Jährige lebt in @{city}.
=== h-birth-year-es | es it | article
@{name} (@{city}, @{year:1950,1995}), @<~es=novelista|it=romanziere>, @<~es=publicó|it=ha pubblicato> @{int:3,12} @<~es=novelas|it=romanzi>.
=== h-age-med | us uk | medical
@{int:30,80}-year-old male, BMI 2@{int:3,9}.4, BP 1@{int:20,48}/8@{int:0,9}, pulse @{int:60,90}. Seen on @{date:num}. Follow-up @{fdate:num}.
=== h-age-forms | de fr es | form
@<~de=Alter|fr=Âge|es=Edad>: @{int:18,80}
@<~de=Datum|fr=Date|es=Fecha>: @{date:num}
@<~de=Größe|fr=Taille|es=Altura>: 1,@{int:55,95} m
=== h-expiry-dates | us uk au | table
| Item | Best before | Batch |
|---|---|---|
%%rep 3-5
| @<Milk|Yoghurt|Ham> | @{fdate:num} | L@{dig:6} |
%%end
=== h-ssn-bad | us | dialogue
Agent: Your SSN please?
User: @{bad.ssn}
Agent: That isn't a valid Social Security number, could you check the card?
=== h-ssn-bad-csv | us | csv
name,ssn,error
%%rep 3-5
@{name},@{bad.ssn},invalid range
%%end
=== h-ssn-doc | us | markdown
An SSN has the form AAA-GG-SSSS. Area numbers 000, 666 and 900-999 are never issued. Example of an invalid one: @{bad.ssn}. ITINs start with 9.
=== h-ssn-masked | us | letter
Re: account of @{name}, SSN XXX-XX-@{dig:4}. A copy was mailed on @{date:long}.
=== h-part-ssn | us | table
| Part no. | Stock |
|---|---|
%%rep 3-5
| @{!ssn} | @{int:0,90} |
%%end
=== h-taxid-bad | de | email
Die Steuer-ID @{bad.taxid} ist laut Prüfziffer ungültig, bitte prüfen Sie den Bescheid. Gruß @{name}
=== h-taxid-bad-dialog | de | dialogue
Agent: Wie lautet die Steuer-ID?
Kunde: @{bad.taxid:plain}
Agent: Das System nimmt sie nicht an, vermutlich ein Zahlendreher.
=== h-ustid | de at | invoice
USt-IdNr.: DE@{dig:9}
Handelsregister: HRB @{dig:5}, Amtsgericht @{city}
Rechnungsnummer: @{dig:11}
=== h-taxid-other | de | ticket
Seriennummer @{!taxid:plain}, Auftragsnummer @{dig:8}: Gerät defekt, Austausch veranlasst.
=== h-dni-bad | es | dialogue
Agente: ¿DNI?
Cliente: @{bad.dni}
Agente: La letra no coincide, ¿lo puede revisar?
=== h-dni-bad-csv | es | csv
nombre,dni,error
%%rep 3-5
@{name},@{bad.dni:dni},letra incorrecta
%%end
=== h-dni-model | es us | table
| Modelo | Unidades |
|---|---|
%%rep 2-4
| @{bad.dni:dni} | @{int:1,40} |
%%end
=== h-cf-bad | it | ticket
Il codice fiscale @{bad.cf} non supera il controllo del carattere finale. Chiedere al cliente. Pratica @{ref}.
=== h-cf-bad-form | it | form
Codice fiscale: @{bad.cf}   [ERRORE: carattere di controllo errato]
Partita IVA: IT@{dig:8}
=== h-nir-bad | fr | dialogue
Conseiller : Votre numéro de sécurité sociale ?
Assuré : @{bad.nir}
Conseiller : La clé ne correspond pas, pouvez-vous vérifier ?
=== h-nir-siret | fr | invoice
SIREN @{dig:3} @{int:100,999} @{int:100,999}
N° TVA FR@{int:10,99}@{dig:9}
Facture n° @{dig:10} du @{date:num}
=== h-nir-bad-csv | fr | csv
nom;nir;statut
%%rep 3-5
@{last};@{bad.nir:plain};clé invalide
%%end
=== h-nhs-bad | uk | ticket
PDS lookup says "@{bad.nhs}" is not a valid NHS number (check digit). Please ask the practice to resend the referral.
=== h-nhs-order | uk us | email
Your order @{!nhs:plain} has shipped. Invoice no. @{dig:10}, parcel weight @{int:1,20} kg.
=== h-nino-bad | uk | dialogue
Adviser: NI number?
Claimant: @{bad.nino}
Adviser: That isn't a valid National Insurance number, I'm afraid.
=== h-nino-refs | uk | csv
ref,desc
%%rep 3-5
@{bad.nino},@<bracket|hinge|panel>
%%end
=== h-bsn-bad | nl | dialogue
Medewerker: Wat is uw BSN?
Klant: @{bad.bsn:plain}
Medewerker: Dat nummer voldoet niet aan de elfproef.
=== h-bsn-other | nl | table
| Factuurnr | Bedrag |
|---|---|
%%rep 3-5
| @{!bsn:plain} | € @{amt} |
%%end
=== h-kvk | nl | letter
KvK-nummer @{dig:8}, btw-nummer NL@{dig:9}B01. Ons kenmerk: @{dig:9}. Datum: @{date:long}.
=== h-pesel-bad | pl | dialogue
Konsultant: Proszę o PESEL.
Klient: @{bad.pesel}
Konsultant: System zgłasza błędną cyfrę kontrolną.
=== h-nip-regon | pl | invoice
NIP: @{int:100,999}-@{int:100,999}-@{int:10,99}-@{int:10,99}
REGON: @{dig:9}
Faktura FV/@{year}/@{dig:4}
=== h-pesel-other | pl | csv
nr_seryjny;model
%%rep 3-5
@{!pesel};@{product}
%%end
=== h-cpf-bad | br | dialogue
Atendente: Informe o CPF.
Cliente: @{bad.cpf}
Atendente: CPF inválido, confira os números por favor.
=== h-cnpj | br | invoice
CNPJ: @{int:10,99}.@{int:100,999}.@{int:100,999}/0001-@{int:10,99}
Inscrição estadual: @{dig:9}
Nota fiscal nº @{dig:9}
=== h-cpf-bad-csv | br | csv
nome;cpf;erro
%%rep 3-5
@{name};@{bad.cpf:fmt};dígito inválido
%%end
=== h-aadhaar-bad | in | ticket
eKYC failed: Aadhaar @{bad.aadhaar} does not pass the Verhoeff check. Ask the customer to re-enter it.
=== h-aadhaar-other | in | email
Your consignment no. @{dig:12} was booked on @{date:num}. PNR @{dig:10}, coach S@{int:1,9}, berth @{int:1,72}.
=== h-pnr-bad | se | dialogue
Support: Ditt personnummer?
Kund: @{bad.pnr:short}
Support: Kontrollsiffran stämmer inte, kan du kolla igen?
=== h-orgnr | se | invoice | se_personnummer
Organisationsnummer: 556@{dig:3}-@{dig:4}
Bankgiro: @{int:100,999}-@{dig:4}
OCR: @{dig:9}
=== h-hetu-bad | fi | dialogue
Asiakaspalvelija: Henkilötunnus?
Asiakas: @{bad.hetu}
Asiakaspalvelija: Tarkistusmerkki on väärin.
=== h-ytunnus | fi | invoice
Y-tunnus: @{dig:7}-@{int:0,9}
Viitenumero: @{dig:8}
Eräpäivä: @{fdate:num}
=== h-mrz-bad | us uk de | ticket
Reader output has a wrong composite check digit:
@{bad.mrz}
Rescan the document.
=== h-mrz-doc | us fr/en | markdown
The second MRZ line holds the document number (9 characters), a check digit, nationality, birth date (YYMMDD) and so on; unused positions are filled with "<".
=== h-imei-bad | us uk in | dialogue
Agent: IMEI please
Customer: @{bad.imei:plain}
Agent: This IMEI is not valid, the last digit is wrong.
=== h-imei-serial | us de | table
| Serial | Model |
|---|---|
%%rep 3-5
| @{code:12} | ThinkPad T@{int:14,16} |
%%end
=== h-vin-plates | us uk de | form
VIN: WVW@{code:14}
Plate: B-@{code:2} @{int:100,9999}
Mileage: @{int:20,180}.@{int:100,999} km
=== h-prices | us uk de fr | invoice
%%rep 3-5
@{product}   @{amt}   x @{int:1,9}
%%end
Total   @{amt:900,4000}
=== h-numbers-stats | us in | csv
year,population,gdp
%%rep 3-5
@{year:1990,2023},@{dig:9},@{dig:10}
%%end
=== h-phone-bare | us uk de | log
%%rep 3-5
@{ts} row @{dig:9} processed in @{int:2,900} ms, checksum @{dig:10}
%%end
=== h-phone-word | us uk | article
Call volume rose to @{int:1000,9000} in Q2. The phone model 3310 came out in 2000. Mobile revenue: 1,@{int:100,900},000. Tel Aviv office opened.
=== h-coords | us au no | json
{"lat": @{int:10,59}.@{dig:6}, "lon": @{int:4,19}.@{dig:6}, "alt": @{int:1,900}, "ts": 17@{dig:8}}
=== h-sports | us uk es | article
Final score 3-2. Lap times 1:@{int:20,59}.@{int:100,999} and 1:@{int:20,59}.@{int:100,999}. Series 4-1-2; formation 4-4-2; jersey @{int:1,99}.
=== h-epoch | us se | log
%%rep 3-4
17@{dig:8}.@{dig:6} worker-@{int:1,9} heap=@{dig:8} gc=@{int:1,90}ms
%%end
=== h-flight | us uk de | email
Booking reference @{code:6}. Flight LH@{int:100,999} on @{fdate:num}, seat @{int:1,34}A. E-ticket 220-@{dig:10}.
=== h-recipe | us fr it | markdown
2 cups flour, 1 1/2 tsp salt, 350 F for 25-30 min. Serves 4-6. Posted @{date:long}.
=== h-colors-css | us de | code
a { color: #@{hex:6}; background: #@{hex:6}; }
.x { margin: 0 10px 192px 168px; width: 100.5%; }
=== h-math | us pl | markdown
f(12) = 144; 3.1415926535; 6.02e23; 1/3 = 0.333333; seq 1 1 2 3 5 8 13 21 34 55 89
=== h-subtitles | us uk | subtitles
@{int:10,99}
00:@{int:10,59}:12,500 --> 00:@{int:10,59}:15,000
Room @{int:101,420}. Don't be late.
=== h-court | us uk de | letter
Case No. 2:2@{int:1,4}-cv-0@{dig:4}. Docket entry @{int:10,300}, filed @{date:long}. See 42 U.S.C. 1983.
=== h-grades | in us | table
| Roll no. | Marks |
|---|---|
%%rep 3-5
| @{dig:8} | @{int:30,100}/100 |
%%end
=== h-xml-ids | us fr nl | xml
<items>
%%rep 3-4
  <item id="@{dig:9}" ref="@{uuid}" created="@{date:iso}"/>
%%end
</items>
=== h-sql-ids | us br | sql
SELECT o.id, o.total FROM orders o WHERE o.id IN (@{dig:9}, @{dig:9}, @{dig:10}) AND o.created > '@{date:iso}';
=== h-regexes | us in | code
PHONE = re.compile(r"\+?\d[\d -]{7,}\d")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+")
IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
=== h-form-empty | us uk ie | form
Name: ____________  Date of birth: __/__/____
Phone: ____________  E-mail: ____________
Address: ________________________________
Social Security Number: ___-__-____
=== h-form-empty-de | de fr es | form
Telefon: ............  Geburtsdatum: TT.MM.JJJJ
IBAN: DE__ ____ ____ ____ ____ __
Unterschrift: ............
=== h-redacted | us uk fr | letter
Dear [NAME],
We will call you on [PHONE] about the property at [ADDRESS]. Your date of birth ([DOB]) is on file, e-mail <EMAIL>.
=== h-schema | us in de | code
CREATE TABLE person (
  email VARCHAR(255) NOT NULL,
  phone VARCHAR(20),
  birth_date DATE,
  password_hash CHAR(64),
  ip INET DEFAULT '0.0.0.0'
);
=== h-openapi | us pl | yaml
properties:
  email: {type: string, format: email}
  phone: {type: string, pattern: '^\+[0-9]{8,15}$'}
  dateOfBirth: {type: string, format: date}
  apiKey: {type: string, minLength: 32}
=== h-i18n | us fr it | json
{"login.password": "Password", "login.email": "E-mail address", "form.phone": "Phone number", "form.iban": "IBAN", "error.token": "Your token has expired"}
=== h-smalltalk | us uk au | chat
@{first}: hows @{city}?
@{first:2}: hot lol. like @{int:28,39} degrees
@{first}: when back
@{first:2}: the @{int:2,28}th i think
=== h-smalltalk-mix | es it fr pt | chat
@{first}: @<~es=hola|it=ciao|fr=coucou|pt=oi>!
@{first:2}: @{time}?
@{first}: ok, @{date:num} @<~es=seguro|it=sicuro|fr=sûr|pt=certo>?
=== h-assistant | us uk in | dialogue
User: How do I validate an IBAN?
Assistant: Move the first four characters to the end, turn letters into numbers (A = 10 ... Z = 35) and check that the remainder modulo 97 is 1.
User: And a credit card?
Assistant: Use the Luhn algorithm. It took me @{int:2,9} lines in Python.
=== h-minutes-nl | nl | letter
Notulen @{date:long}. Aanwezig: @{name}, @{name:2}. Actiepunt @{int:1,12}: de Kerkstraat wordt opnieuw bestraat. Volgende vergadering @{fdate:num} om @{time}.
=== h-minutes-sv | se fi | letter
@<~sv=Protokoll|fi=Pöytäkirja> @{date:num}. § @{int:1,20}. @{name}, @{name:2}. Budget @{int:10,90} 000.
=== h-bug-tracker | us de | ticket
[#@{ref}] Crash in build @{int:10000,99999} on @{date:iso}; exit code 139, address 0x@{hex:12}, thread 0x@{hex:8}. Regression since @{ver}.
=== h-transfer-refs | us uk | log
MT103 ref @{code:16} value date @{fdate:iso} amount @{amt} sequence @{dig:9}
=== h-library-catalog | uk de cz | csv
signature,year,shelf
%%rep 3-5
QA@{int:10,99}.@{int:1,9} .B@{int:10,99},@{year:1950,2020},@{int:1,40}
%%end
'''


# --------------------------------------------------------------------------- rendering
def parse_templates(src, hard):
    out, names = [], set()
    for block in re.split(r"(?m)^=== ", src)[1:]:
        head, _, body = block.partition("\n")
        parts = [x.strip() for x in head.split("|")]
        name, locs, reg = parts[0], parts[1].split(), parts[2]
        flags = parts[3].split() if len(parts) > 3 else []
        assert name not in names, name
        names.add(name)
        out.append(dict(name=name, locs=locs, register=reg, flags=flags, body=body.strip("\n"), hard=hard))
    return out


def expand(body, rng, lang):
    def rep(m):
        n = rng.randint(int(m[1]), int(m[2]))
        sep = (m[3] or "").strip()
        inner = m[4].rstrip("\n")
        return (sep + "\n").join(f"\x01{inner}\x02" for _ in range(n)) + "\n"
    body = re.sub(r"(?m)^%%rep (\d+)-(\d+)(?: sep=(.*))?\n((?:.*\n)*?)%%end(?:\n|\Z)", rep, body + "\n").rstrip("\n")
    lines = []
    for l in body.split("\n"):
        bare = l.lstrip("\x01")
        if bare.startswith("%%? "):
            if rng.random() < .5:
                l = l[:len(l) - len(bare)] + bare[4:]
            elif "\x01" in l or "\x02" in l:
                l = "".join(c for c in l if c in "\x01\x02")
            else:
                continue
        lines.append(l)
    body = "\n".join(lines)
    prev = None
    while prev != body:
        prev = body
        body = re.sub(r"@<([^<>]*)>", lambda m: dict(x.split("=", 1) for x in m[1][1:].split("|"))[lang] if m[1][0] == "~" else rng.choice(m[1].split("|")), body)
    return body


def render(t, rng):
    locspec = rng.choice(t["locs"])
    loc, _, lang = locspec.partition("/")
    lang = lang or LANG[loc]
    d = Doc(rng, loc, lang)
    body = expand(t["body"], rng, lang)
    text, spans, blanks = "", [], []
    cache, pos = {}, 0
    scopes = []
    for m in re.finditer(r"@\{(!?)([^{}:#]+)(?::([^{}#]*))?(?:#(\w+))?\}|[\x01\x02]", body):
        text += body[pos:m.start()]
        pos = m.end()
        if m[0] == "\x01":
            scopes.append((d.scope, cache)); d.scope, cache = {}, {}
            continue
        if m[0] == "\x02":
            d.scope, cache = scopes.pop()
            continue
        fn, typ = KINDS[m[2]]
        args = [a or None for a in m[3].split(",")] if m[3] else []
        key = (m[2], m[4]) if m[4] else None
        if key and key in cache: v = cache[key]
        elif key and any(key in c for _, c in scopes): v = next(c[key] for _, c in scopes if key in c)
        else: v = fn(d, *args)
        if key: cache[key] = v
        if "\n" in v:
            line = text[text.rfind("\n") + 1:]
            ind = re.match(r"[ \t]*", line)[0]
            if ind: v = v.replace("\n", "\n" + ind)
        s = len(text)
        text += v
        if typ and m[1] != "!": spans.append([s, len(text), typ])
        elif m[1] == "!" or m[2].startswith("bad."): blanks.append([s, len(text)])
    text += body[pos:]
    # verification
    if t["hard"] and spans: raise SystemExit(f"hard template with labels: {t['name']}")
    for a, b, typ in spans:
        v = text[a:b]
        if not CHECK[typ](re.sub(r"\n\s+", "\n", v)):
            raise SystemExit(f"label fails its check in {t['name']}: {typ} {v!r}")
        if v != v.strip() or (a and text[a - 1].isalnum() and v[0].isalnum()) or (b < len(text) and text[b].isalnum() and v[-1].isalnum()):
            raise SystemExit(f"label without a boundary in {t['name']}: {typ} {v!r} in {text[max(0, a - 10):b + 10]!r}")
    rest = list(text)
    for a, b in [s[:2] for s in spans] + blanks:
        for i in range(a, b):
            if rest[i] != "\n": rest[i] = "\u2592"
    bad = residue("".join(rest), t["flags"])
    if bad: raise Redraw(f"{t['name']}: {bad[:3]}")
    return text, sorted(spans), lang


GOAL = collections.Counter({k: 240 for k in CHECK})
GOAL["passport_mrz"] = GOAL["fr_nir"] = 260
GOAL.update({k: 380 for k in ("address", "phone", "birth_date", "secret", "ip", "email")})


def draw(t, seed, tag, seen):
    err = None
    for attempt in range(300):
        rng = random.Random(f"{seed}/{tag}/{t['name']}/{attempt}")
        try:
            text, spans, lang = render(t, rng)
        except Redraw as e:
            err = e
            continue
        if not t["hard"] and not spans:
            continue
        if text in seen:
            err = "duplicate"
            continue
        seen.add(text)
        return text, spans, lang
    if err == "duplicate": return None
    raise SystemExit(f"cannot draw {t['name']}: {err}")


def generate(seed, n_pos, n_hard):
    pos, hard = parse_templates(POS, False), parse_templates(HARD, True)
    rng = random.Random(f"order/{seed}")
    seen, docs, used, have = set(), [], collections.Counter(), collections.Counter()
    prof = {}
    def take(t, i, is_hard):
        r = draw(t, seed, i, seen)
        if r is None: return False
        text, spans, lang = r
        if not is_hard:
            c = collections.Counter(s[2] for s in spans)
            have.update(c); prof.setdefault(t["name"], c)
        used[t["name"]] += 1
        docs.append(dict(template=t["name"], language=lang, register=t["register"], hard=is_hard, text=text, spans=spans))
        return True
    order = pos[:]
    rng.shuffle(order)
    i = 0
    for t in order[:n_pos]:
        i += take(t, i, False)
    tries = 0
    while i < n_pos:
        tries += 1
        cap = min(used.values()) + 5
        cand = rng.sample([t for t in pos if used[t["name"]] <= cap], 12)
        score = lambda t: sum(n * {"passport_mrz": 3, "fr_nir": 1.8, "uk_nino": 1.5, "secret": 1.5, "card": 1.3, "it_codice_fiscale": 1.3}.get(k, 1) / sum(prof[t["name"]].values()) ** .5 * max(0, 1 - have[k] / GOAL[k]) for k, n in prof[t["name"]].items()) - .08 * used[t["name"]]
        t = max(cand, key=score) if rng.random() < .8 else rng.choice(cand)
        i += take(t, i if tries < 9999 else tries, False)
        if tries > 20 * n_pos: raise SystemExit("too few distinct documents")
    order, j, tries = [], 0, 0
    while j < n_hard:
        if not order:
            order = hard[:]
            rng.shuffle(order)
        tries += 1
        j += take(order.pop(), f"h{tries}", True)
        if tries > 20 * n_hard: raise SystemExit("too few distinct hard documents")
    rng.shuffle(docs)
    for k, x in enumerate(docs):
        x["id"] = f"f{seed}-{k:05d}"
    return docs, pos, hard


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--seed", type=int, default=31)
    ap.add_argument("--documents", type=int, default=1400)
    ap.add_argument("--hard", type=int, default=600)
    ap.add_argument("--stats", action="store_true")
    a = ap.parse_args()
    docs, pos, hard = generate(a.seed, a.documents, a.hard)
    for x in docs:
        print(json.dumps({k: x[k] for k in ("id", "template", "language", "register", "hard", "text", "spans")}, ensure_ascii=False))
    if a.stats:
        c, per = collections.Counter(), collections.defaultdict(set)
        for x in docs:
            for s in x["spans"]:
                c[s[2]] += 1; per[s[2]].add(x["template"])
        e = lambda *z: print(*z, file=sys.stderr)
        e(f"{len(docs)} documents ({sum(x['hard'] for x in docs)} hard), {sum(c.values())} labels; templates: {len(pos)} with labels, {len(hard)} hard; used: {len({x['template'] for x in docs if not x['hard']})} + {len({x['template'] for x in docs if x['hard']})}")
        for k in sorted(CHECK): e(f"  {k:20s} {c[k]:6d} values in {len(per[k]):4d} templates")
        e("  languages:", dict(collections.Counter(x["language"] for x in docs)))
        e("  registers:", dict(collections.Counter(x["register"] for x in docs)))


if __name__ == "__main__":
    main()
