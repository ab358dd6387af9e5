#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""privacy_set_e: an independent labelled test set for detectors of personal data and secrets.

A deterministic generator (standard library only) of documents as they occur in
fine-tuning data: tickets, chats, e-mails, CRM exports, contracts, medical letters,
logs, code, configuration, transcripts, forms, CVs, OCR output, subtitles ...

    python3 privacy_set_e.py --seed 21 --documents 1400 --hard 600 --stats > e21.jsonl

One JSON object per line: {"id", "template", "language", "register", "hard", "text", "spans"};
spans are [start, end, type] in characters, end exclusive. `--documents` ordinary documents
come first, then `--hard` documents that hold nothing to label but look like it.

THE AUTHOR HAD NOT SEEN THE DETECTOR that is tested with it, nor its tests, its rules or
any other test set: everything was written from the published rules of the formats.
All values are invented at random; every value's check digits are computed here and
verified by separate check functions in every run, and texts where a value is valid by
accident outside a label are drawn again.

Since the first look (bench/RESULTS.md) the detector was mended by what this set showed, so
it is held out no longer.

Template language: ⟦kind:arg#tag⟧ a value (labelled kinds are in LABELLED), the same tag
gives the same person/value again; ⟦?a|b⟧ one of them; ⟦*3-5~sep~body⟧ repeats (tag #i is the
row's own); ⟦=text⟧ a literal that the scan for accidents must accept; ⟦L:dob⟧ a field's name
in the document's language.
"""
import argparse, base64, collections, hashlib, json, random, re, string, sys, unicodedata, datetime

# ------------------------------------------------------------------ locale data
LOCALES = {
'en-US': dict(cc='US', first='James Emily Michael Ashley Robert Jessica Tyrone Maria Kevin Danielle Brandon Megan Luis Heather Derek Aaliyah'.split(),
  last='Johnson Ramirez Miller Nguyen Carter Whitfield Thompson Okafor Kowalski Bennett Delgado Hughes Patterson Lindqvist O\'Brien Freeman'.split(),
  streets=['Maple Ave','Oak Street','N Lincoln Blvd','Sunset Drive','W 5th St','Cedar Lane','Peachtree Rd NE','Elmwood Court','SE Division St','Ridgeview Way','County Road 12','Washington Street'],
  cities=[('Columbus','OH','432##'),('Austin','TX','787##'),('Portland','OR','972##'),('Tampa','FL','336##'),('Denver','CO','802##'),('Boise','ID','837##'),('Raleigh','NC','276##'),('Madison','WI','537##'),('Brooklyn','NY','112##'),('San Diego','CA','921##')],
  country='USA', area='212 415 312 614 503 813 720 919 608 718 619 206 404 617'.split(),
  nat=['({a}) N##-####','{a}-N##-####','{a}.N##.####','{a} N## ####','({a})N##-####','1-{a}-N##-####'], intl=['+1 {a} N## ####','+1 ({a}) N##-####','+1-{a}-N##-####','+1{a}N######','+1.{a}.N##.####'], mail=['gmail.com','yahoo.com','outlook.com','comcast.net','icloud.com','aol.com'], tld=['com','com','io','net','org','co'], suffix=['Inc.','LLC','Corp.','Group']),
'en-GB': dict(cc='GB', first='Oliver Amelia Harry Isla George Priya Callum Freya Alfie Gemma Rhys Imogen Mohammed Poppy Ewan Siobhan'.split(),
  last='Smith Patel Jones Whitaker Hughes MacDonald Begum Thornton Clarke Ashworth Davies Fletcher Khan Pritchard Bailey Hargreaves'.split(),
  streets=['High Street','Brook Street','Elm Road','Victoria Terrace','Church Lane','Station Road','Mill Close','Queens Avenue','The Crescent','Albert Road','Kings Drive','St John\'s Hill'],
  cities=[('Bristol','','BS# #@@'),('Manchester','','M## #@@'),('Leeds','','LS# #@@'),('Norwich','','NR# #@@'),('London','','SE## #@@'),('London','','N# #@@'),('Cardiff','','CF## #@@'),('Edinburgh','','EH# #@@'),('Sheffield','','S## #@@'),('Reading','','RG# #@@')],
  country='United Kingdom', area=['161 496','121 496','117 496','113 278','131 225','114 270'],
  nat=['020 7### ####','0{a} ####','07N## ######','07N########','01NN3 ######','07N## ### ###','(020) 7### ####'], intl=['+44 20 7### ####','+44 (0)20 7### ####','+44 7N## ######','+447N########','+44 (0) 7N## ######','+44 {a} ####','0044 7N## ######'], mail=['gmail.com','btinternet.com','hotmail.co.uk','outlook.com','sky.com','yahoo.co.uk'], tld=['co.uk','co.uk','uk','com','org.uk'], suffix=['Ltd','plc','LLP','& Sons Ltd']),
'en-IN': dict(cc='IN', first='Aarav Priya Rohan Ananya Vikram Sneha Arjun Kavya Suresh Deepika Rahul Meera Karthik Lakshmi Imran Pooja'.split(),
  last='Sharma Reddy Iyer Patel Nair Gupta Khan Banerjee Desai Pillai Chatterjee Verma Kulkarni Singh Menon Joshi'.split(),
  streets=['MG Road','Linking Road','Anna Salai','Park Street','Jubilee Hills Road','Lavelle Road','Nehru Street','SV Road','FC Road','Gandhi Nagar Main Road'],
  cities=[('Bengaluru','Indiranagar','5600##'),('Mumbai','Bandra West','4000##'),('Chennai','T. Nagar','6000##'),('Kolkata','Ballygunge','7000##'),('Hyderabad','Banjara Hills','5000##'),('Pune','Shivajinagar','4110##'),('New Delhi','Lajpat Nagar','1100##')],
  country='India', area='22 80 44 33 40 20'.split(),
  nat=['9#### #####','9#########','8#### #####','098########','0{a}-2### ####','0{a} 4### ####','7#########'], intl=['+91 9#### #####','+91-9#########','+919#########','+91 8########2','+91-{a}-2### ####','+91 {a} 4### ####'], mail=['gmail.com','rediffmail.com','yahoo.co.in','outlook.com'], tld=['in','co.in','com'], suffix=['Pvt. Ltd.','Technologies Pvt Ltd','& Co.']),
'en-AU': dict(cc='AU', first='Jack Charlotte Lachlan Matilda Cooper Ruby Angus Chloe Mitchell Zoe Bruce Kylie'.split(),
  last='Nguyen Wilson Mackenzie Taylor O\'Connor Papadopoulos Walsh Harris Burke Tran Cameron Sutherland'.split(),
  streets=['Crown Street','Wattle Avenue','Bourke Road','Banksia Crescent','Flinders Lane','Kooyong Road','Pacific Parade','Jacaranda Court','George Street'],
  cities=[('Surry Hills','NSW','20##'),('Fitzroy','VIC','30##'),('New Farm','QLD','40##'),('Norwood','SA','50##'),('Fremantle','WA','61##'),('Sandy Bay','TAS','70##')],
  country='Australia', area='2 3 7 8'.split(), nat=['04## ### ###','04########','(0{a}) 9### ####','0{a} 9### ####','0{a}9#######'], intl=['+61 4## ### ###','+614########','+61 {a} 9### ####','+61 (0){a} 9### ####'], mail=['gmail.com','bigpond.com','optusnet.com.au','outlook.com.au'], tld=['com.au','net.au','com'], suffix=['Pty Ltd','Pty. Ltd.','Group']),
'en-CA': dict(cc='CA', first='Liam Sophie Noah Camille Ethan Madison Gurpreet Hannah Marc Aisha Connor Jasmine'.split(),
  last='Tremblay Singh MacLeod Chen Roy Campbell Gill Fraser Bouchard Peterson Wong Levesque'.split(),
  streets=['Bloor St W','Granville Street','Jasper Ave','Yonge Street','Portage Ave','Elgin Street','Spring Garden Rd','Robson Street'],
  cities=[('Toronto','ON','M#@ #@#'),('Vancouver','BC','V#@ #@#'),('Edmonton','AB','T#@ #@#'),('Winnipeg','MB','R#@ #@#'),('Halifax','NS','B#@ #@#'),('Ottawa','ON','K#@ #@#')],
  country='Canada', area='416 604 780 204 902 613 514 647'.split(), nat=['({a}) N##-####','{a}-N##-####','{a} N##-####','{a}.N##.####'], intl=['+1 {a} N## ####','+1 ({a}) N##-####','+1-{a}-N##-####'], mail=['gmail.com','rogers.com','shaw.ca','bell.net','hotmail.ca'], tld=['ca','ca','com'], suffix=['Inc.','Ltd.','Corp.']),
'en-IE': dict(cc='IE', first='Aoife Cian Niamh Sean Saoirse Conor Roisin Padraig Orla Declan Grainne Eoin'.split(),
  last='Murphy Kelly O\'Sullivan Byrne Ryan Doyle McCarthy Gallagher Brennan Fitzgerald Nolan Keane'.split(),
  streets=['Ranelagh Road','Patrick Street','Salthill Road','Merrion Avenue','O\'Connell Street','Grange Road','Castle Park','Main Street'],
  cities=[('Dublin 6','','D06 @#@#'),('Cork','','T12 @#@#'),('Galway','','H91 @#@#'),('Limerick','','V94 @#@#'),('Waterford','','X91 @#@#')],
  country='Ireland', area='1'.split(), nat=['087 ### ####','085 ### ####','086#######','01 6## ####','(01) 4## ####','021 4## ####','091 5## ###'], intl=['+353 87 ### ####','+353 86 #######','+353 1 6## ####','+353 (0)1 4## ####','+35385#######'], mail=['gmail.com','eircom.net','outlook.ie','icloud.com'], tld=['ie','ie','com'], suffix=['Ltd','DAC','Teoranta']),
'de-DE': dict(cc='DE', first='Jürgen Anna Lukas Sabine Thomas Leonie Mehmet Katharina Stefan Heike Jan Franziska Uwe Björn Ayşe Mareike'.split(),
  last='Müller Schmidt Schäfer Yılmaz Weber Krüger Hoffmann Böttcher Neumann Lehmann Vogel Schröder Brandt Kaiser Petersen Großmann'.split(),
  streets=['Lindenweg','Hauptstraße','Goethestr.','Am Markt','Schillerstraße','Gartenweg','Bahnhofstr.','Im Winkel','Kastanienallee','Alte Landstraße','Rosenstraße','Ludwig-Erhard-Ring'],
  cities=[('München','','803##'),('Berlin','','101##'),('Hamburg','','203##'),('Köln','','506##'),('Leipzig','','041##'),('Freiburg im Breisgau','','791##'),('Kassel','','341##'),('Rostock','','180##'),('Bad Homburg','','613##'),('Münster','','481##')],
  country='Deutschland', area='30 40 89 221 341 761 561 381 6172 251 711'.split(),
  nat=['0{a} N######','0{a}/N######','0{a} / N## ## ##','(0{a}) N#####','0{a}-N######','0171 N######','0151 N#######','0176/N#######','0172-N######','0160 N## ## ##','0{a}N######'], intl=['+49 {a} N######','+49 (0){a} N######','+49 171 N######','+49 151 N#######','+49171N######','0049 {a} N######','+49 {a} / N######','+49-{a}-N######'], mail=['gmx.de','web.de','t-online.de','gmail.com','posteo.de','freenet.de'], tld=['de','de','com','eu'], suffix=['GmbH','AG','GmbH & Co. KG','KG','e.K.']),
'de-AT': dict(cc='AT', first='Johannes Magdalena Florian Verena Matthias Elisabeth Gregor Theresa Wolfgang Barbara'.split(),
  last='Gruber Huber Wagner Pichler Steiner Moser Hofer Leitner Eder Reiter'.split(),
  streets=['Mariahilfer Straße','Landstraßer Hauptstraße','Mozartgasse','Annenstraße','Innrain','Kirchengasse','Linzer Gasse','Ringstraße'],
  cities=[('Wien','','10#0'),('Graz','','8010'),('Salzburg','','5020'),('Innsbruck','','6020'),('Linz','','4020')],
  country='Österreich', area='1 316 662 512 732'.split(), nat=['0{a} N######','0{a}/N## ## ##','0664 N######','0676/N######','0699 N#######','0650 N## ## ##'], intl=['+43 {a} N######','+43 664 N######','+43 (0){a} N######','+43676N######','0043 664 N######'], mail=['gmx.at','aon.at','gmail.com','a1.net'], tld=['at','at','com'], suffix=['GmbH','OG','AG','KG']),
'de-CH': dict(cc='CH', first='Reto Ursina Beat Regula Urs Seraina Lukas Corinne Marco Nadja'.split(),
  last='Meier Keller Brunner Zürcher Frei Gerber Baumann Ammann Wyss Bühler'.split(),
  streets=['Bahnhofstrasse','Seestrasse','Dorfstrasse','Zürcherstrasse','Kirchweg','Rosenbergstrasse','Effingerstrasse'],
  cities=[('Zürich','','800#'),('Bern','','301#'),('Basel','','405#'),('Luzern','','600#'),('St. Gallen','','900#'),('Winterthur','','840#')],
  country='Schweiz', area='44 31 61 41 71 52'.split(), nat=['0{a} N## ## ##','079 N## ## ##','076 N## ## ##','078 N######','0{a}/N## ## ##'], intl=['+41 {a} N## ## ##','+41 79 N## ## ##','+41 (0){a} N## ## ##','+4179N######','0041 78 N## ## ##'], mail=['bluewin.ch','gmx.ch','gmail.com','hispeed.ch'], tld=['ch','ch','com'], suffix=['AG','GmbH','SA']),
'fr-FR': dict(cc='FR', first='Julien Camille Mathieu Élodie Nicolas Léa Karim Chloé Guillaume Aurélie Benoît Sophie Mehdi Manon'.split(),
  last='Martin Dubois Lefèvre Moreau Benali Girard Rousseau Fontaine Chevalier Perrin Garnier Marchand Leroy Barbier'.split(),
  streets=['rue de la République','avenue Jean Jaurès','rue des Lilas','boulevard Victor Hugo','place du Marché','impasse des Acacias','chemin de la Croix','rue du Général Leclerc','allée des Tilleuls','quai des Chartrons'],
  cities=[('Lyon','','6900#'),('Paris','','750##'),('Nantes','','44000'),('Bordeaux','','33000'),('Toulouse','','31000'),('Lille','','59000'),('Grenoble','','38000'),('Rennes','','35000'),('Saint-Étienne','','42000')],
  country='France', area='1 2 3 4 5'.split(), nat=['0{a} ## ## ## ##','06 ## ## ## ##','06.##.##.##.##','07########','0{a}.##.##.##.##','06-##-##-##-##','07 ## ## ## ##'], intl=['+33 6 ## ## ## ##','+33 {a} ## ## ## ##','+336########','+33 (0)7 ## ## ## ##','0033 6 ## ## ## ##'], mail=['orange.fr','free.fr','wanadoo.fr','gmail.com','laposte.net','hotmail.fr'], tld=['fr','fr','com'], suffix=['SARL','SAS','SA','EURL']),
'es-ES': dict(cc='ES', first='Javier Lucía Carlos Marta Alejandro Carmen Íñigo Nuria Pablo Rocío Sergio Ana Jordi Begoña'.split(),
  last='García Fernández López Martínez Ruiz Navarro Iglesias Ortega Muñoz Vidal Cabrera Serrano Echevarría Puig'.split(),
  streets=['Calle de Alcalá','Calle Mayor','Avda. de la Constitución','Paseo de Gracia','C/ San Miguel','Plaza de España','Calle Río Miño','Ronda de Toledo','Carrer de Mallorca'],
  cities=[('Madrid','','280##'),('Barcelona','','080##'),('Sevilla','','410##'),('Valencia','','460##'),('Zaragoza','','500##'),('Bilbao','','480##'),('Vigo','','362##'),('Málaga','','290##')],
  country='España', area='91 93'.split(), nat=['6## ### ###','6## ## ## ##','6########','{a} N## ## ##','9N# ### ###','7## ### ###','{a} N## ####'], intl=['+34 6## ### ###','+34 {a} N## ## ##','+346########','+34 6## ## ## ##','0034 6## ### ###','(+34) 9N# ### ###'], mail=['gmail.com','hotmail.es','telefonica.net','yahoo.es','outlook.es'], tld=['es','es','com','cat'], suffix=['S.L.','S.A.','S.L.U.']),
'it-IT': dict(cc='IT', first='Marco Giulia Alessandro Francesca Luca Chiara Davide Martina Stefano Elisa Matteo Silvia'.split(),
  last='Rossi Bianchi Ferrari Esposito Colombo Ricci Marino Greco Conti Lombardi Moretti Barbieri'.split(),
  streets=['Via Garibaldi','Via Roma','Corso Vittorio Emanuele II','Viale Monza','Piazza Dante','Via dei Mille','Largo Augusto','Via XX Settembre','Vicolo del Forno'],
  cities=[('Milano','MI','201##'),('Roma','RM','001##'),('Torino','TO','101##'),('Bologna','BO','401##'),('Napoli','NA','801##'),('Firenze','FI','501##'),('Bari','BA','701##'),('Padova','PD','351##')],
  country='Italia', area='02 06 011 051 081 055'.split(), nat=['{a} N######','3NN #######','3NN ### ####','3NN#######','{a}/N######','{a}.N######','3NN-#######'], intl=['+39 3NN #######','+39 {a} N######','+393NN#######','+39 3NN ### ####','0039 {a} N######','+39 3NN ## ## ###'], mail=['libero.it','gmail.com','tiscali.it','alice.it','virgilio.it'], tld=['it','it','com','eu'], suffix=['S.r.l.','S.p.A.','S.n.c.']),
'nl-NL': dict(cc='NL', first='Daan Sanne Jeroen Lotte Bram Femke Youssef Anouk Pieter Marieke Thijs Esmée'.split(),
  last='de Vries|Jansen|van den Berg|Bakker|Visser|Smit|Mulder|El Amrani|Hendriks|Dijkstra|van Leeuwen|Kuipers'.split('|'),
  streets=['Prinsengracht','Dorpsstraat','Kerkstraat','Van Goghlaan','Stationsweg','Oudegracht','Molenweg','Burgemeester de Raadtsingel','Lange Voorhout'],
  cities=[('Amsterdam','','1016 @@'),('Utrecht','','3511 @@'),('Rotterdam','','3011 @@'),('Den Haag','','2514 @@'),('Groningen','','9711 @@'),('Eindhoven','','5611 @@'),('Zwolle','','8011 @@')],
  country='Nederland', area='20 30 10 70 50 40'.split(), nat=['06 ########','06-########','0{a} N## ####','0{a}-N######','06 ## ## ## ##','06########','(0{a}) N######'], intl=['+31 6 ########','+31 {a} N## ####','+316########','+31 (0){a} N## ####','+31 (0)6 ########','0031 6 ########'], mail=['ziggo.nl','kpnmail.nl','gmail.com','xs4all.nl','hotmail.nl','planet.nl'], tld=['nl','nl','com'], suffix=['B.V.','N.V.','VOF']),
'pt-PT': dict(cc='PT', first='João Inês Tiago Beatriz Rui Catarina Gonçalo Mafalda Nuno Sofia'.split(),
  last='Silva Ferreira Santos Pereira Oliveira Carvalho Teixeira Marques Fonseca Magalhães'.split(),
  streets=['Rua Augusta','Avenida da Liberdade','Rua de Santa Catarina','Travessa do Carmo','Largo da Sé','Rua Dr. António José de Almeida'],
  cities=[('Lisboa','','1100-###'),('Porto','','4000-###'),('Coimbra','','3000-###'),('Braga','','4700-###'),('Faro','','8000-###')],
  country='Portugal', area='21 22'.split(), nat=['91# ### ###','96# ### ###','93#######'.replace('93#######','93#######'),'{a} N## ## ##','21N ### ###'], intl=['+351 91# ### ###','+351 {a} N## ## ##','+35196#######','+351 22N ### ###','00351 93# ### ###'], mail=['sapo.pt','gmail.com','hotmail.com','clix.pt'], tld=['pt','pt','com'], suffix=['Lda.','S.A.','Unipessoal Lda']),
'pt-BR': dict(cc='BR', first='Lucas Juliana Rafael Camila Thiago Fernanda Marcos Larissa Diego Patrícia Vinícius Bruna'.split(),
  last='Souza Oliveira Almeida Lima Ribeiro Nascimento Araújo Barbosa Rocha Cardoso Gonçalves Teixeira'.split(),
  streets=['Rua das Flores','Av. Paulista','Rua Sete de Setembro','Alameda Santos','Rua XV de Novembro','Av. Atlântica','Travessa Oliveira','Rua Barão de Mesquita'],
  cities=[('São Paulo','SP','01###-###'),('Curitiba','PR','800##-###'),('Rio de Janeiro','RJ','205##-###'),('Belo Horizonte','MG','301##-###'),('Recife','PE','500##-###'),('Porto Alegre','RS','900##-###')],
  country='Brasil', area='11 21 31 41 51 81'.split(), nat=['({a}) 9####-####','({a}) 3###-####','{a} 9####-####','{a}9########','({a})9####-####','{a} 9#### ####','(0{a}) 3###-####'], intl=['+55 {a} 9####-####','+55{a}9########','+55 ({a}) 9####-####','+55 {a} 3###-####'], mail=['uol.com.br','gmail.com','bol.com.br','hotmail.com','terra.com.br'], tld=['com.br','com.br','com'], suffix=['Ltda.','S.A.','ME','EIRELI']),
'pl-PL': dict(cc='PL', first='Krzysztof Agnieszka Piotr Magdalena Tomasz Katarzyna Marcin Zofia Łukasz Joanna Paweł Małgorzata'.split(),
  last='Nowak Wiśniewska Kowalczyk Zieliński Wójcik Lewandowska Kaczmarek Mazur Krawczyk Dąbrowski Pawlak Sikora'.split(),
  streets=['ul. Długa','ul. Mickiewicza','al. Jana Pawła II','ul. Kościuszki','ul. Polna','os. Słoneczne','pl. Wolności','ul. 3 Maja','ul. Piłsudskiego'],
  cities=[('Warszawa','','00-###'),('Kraków','','31-###'),('Wrocław','','50-###'),('Gdańsk','','80-###'),('Poznań','','61-###'),('Łódź','','90-###'),('Rzeszów','','35-###')],
  country='Polska', area='22 12 71 58 61'.split(), nat=['60# ### ###','50#-###-###','51#######','{a} N## ## ##','({a}) N## ## ##','79# ### ###','{a}-N##-##-##'], intl=['+48 60# ### ###','+48 {a} N## ## ##','+4850#######','+48 79#-###-###','0048 60# ### ###'], mail=['wp.pl','onet.pl','gmail.com','o2.pl','interia.pl'], tld=['pl','pl','com.pl','eu'], suffix=['Sp. z o.o.','S.A.','s.c.']),
'sv-SE': dict(cc='SE', first='Erik Astrid Johan Elsa Lars Linnéa Anders Maja Göran Ingrid Fredrik Åsa'.split(),
  last='Andersson Johansson Lindström Öberg Nilsson Bergqvist Sjögren Ekström Holm Åkesson Dahl Lundgren'.split(),
  streets=['Storgatan','Sveavägen','Kungsgatan','Vasagatan','Björkvägen','Södra Esplanaden','Hamngatan','Ringvägen'],
  cities=[('Stockholm','','11# ##'),('Göteborg','','41# ##'),('Malmö','','21# ##'),('Uppsala','','75# ##'),('Umeå','','90# ##'),('Örebro','','70# ##')],
  country='Sverige', area='31 40 18 90 19'.split(), nat=['070-### ## ##','073-### ## ##','08-N## ### ##','0{a}-N# ## ##','0701######','076 ### ## ##','072-#######'], intl=['+46 70 ### ## ##','+46 8 N## ### ##','+4673#######','+46 (0)70-### ## ##','+46 (0)8 N## ## ##','0046 70 ### ## ##'], mail=['telia.com','gmail.com','hotmail.se','bredband.net'], tld=['se','se','com','nu'], suffix=['AB','HB','AB']),
'fi-FI': dict(cc='FI', first='Mikko Aino Juhani Emilia Antti Helmi Ville Kaisa Pekka Sanna Olli Päivi'.split(),
  last='Virtanen Korhonen Mäkinen Nieminen Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen'.split(),
  streets=['Mannerheimintie','Kauppakatu','Hämeenkatu','Koivukuja','Rantatie','Mäkelänkatu','Kirkkokatu','Yliopistonkatu'],
  cities=[('Helsinki','','00#00'),('Tampere','','33#00'),('Turku','','20#00'),('Oulu','','90#00'),('Espoo','','02#00'),('Jyväskylä','','40#00')],
  country='Suomi', area='9 3 2 8'.split(), nat=['040 ### ####','050 #######','045 ### ####','0{a} N## ####','044-#######','0400 ### ###','041#######'], intl=['+358 40 ### ####','+358 50 #######','+358 {a} N## ####','+35845#######','+358 (0)44 ### ####'], mail=['gmail.com','elisanet.fi','kolumbus.fi','luukku.com','saunalahti.fi'], tld=['fi','fi','com'], suffix=['Oy','Oyj','Ky']),
'da-DK': dict(cc='DK', first='Mads Freja Søren Ida Rasmus Mette Jens Signe Kåre Birgitte'.split(),
  last='Jensen Nielsen Hansen Sørensen Kjær Rasmussen Thomsen Møller Østergaard Lund'.split(),
  streets=['Vesterbrogade','Nørregade','Algade','Skovvej','Jernbanegade','Strandvejen','Østergade'],
  cities=[('København V','','16##'),('Aarhus C','','8000'),('Odense C','','5000'),('Aalborg','','9000'),('Roskilde','','4000')],
  country='Danmark', area=['20'], nat=['2# ## ## ##','2### ####','31 ## ## ##','86 ## ## ##','33######'], intl=['+45 2# ## ## ##','+45 33 ## ## ##','+452#######','+45 4### ####','0045 2# ## ## ##'], mail=['gmail.com','mail.dk','hotmail.dk','live.dk'], tld=['dk','dk','com'], suffix=['ApS','A/S','I/S']),
'nb-NO': dict(cc='NO', first='Ola Kari Magnus Ingrid Sindre Solveig Håkon Tuva Bjørn Marit'.split(),
  last='Hansen Olsen Berg Haugen Solberg Bakken Lie Nygård Strand Eriksen'.split(),
  streets=['Storgata','Karl Johans gate','Bogstadveien','Kirkeveien','Strandgata','Nedre Bakklandet','Fjellveien'],
  cities=[('Oslo','','01##'),('Bergen','','50##'),('Trondheim','','70##'),('Stavanger','','40##'),('Tromsø','','90##')],
  country='Norge', area=['22'], nat=['9## ## ###','4## ## ###','22 ## ## ##','55 ## ## ##','9#######'], intl=['+47 9## ## ###','+47 22 ## ## ##','+474#######','+47 93 ## ## ##','0047 9## ## ###'], mail=['gmail.com','online.no','hotmail.no','broadpark.no'], tld=['no','no','com'], suffix=['AS','ASA','ANS']),
'cs-CZ': dict(cc='CZ', first='Petr Jana Tomáš Lenka Jiří Kateřina Ondřej Tereza Zdeněk Markéta'.split(),
  last='Novák Svobodová Dvořák Černý Procházka Kučera Horák Němec Pospíšil Marek'.split(),
  streets=['Vinohradská','Masarykova','Dlouhá','Nádražní','Husova','Na Příkopě','Sokolská','Lipová'],
  cities=[('Praha 2','','120 00'),('Brno','','602 00'),('Ostrava','','702 00'),('Plzeň','','301 00'),('Olomouc','','779 00')],
  country='Česká republika', area=['2'], nat=['60# ### ###','77# ### ###','73#######','22# ### ###','54# ### ###'], intl=['+420 60# ### ###','+420 77# ### ###','+42073#######','+420 22# ### ###','00420 60# ### ###'], mail=['seznam.cz','gmail.com','centrum.cz','volny.cz'], tld=['cz','cz','com'], suffix=['s.r.o.','a.s.','spol. s r.o.']),
}
LANGS = {}
for _k in LOCALES: LANGS.setdefault(_k[:2], []).append(_k)
LANGS['no'] = LANGS.pop('nb')
def lang_of(loc): return 'no' if loc.startswith('nb') else loc[:2]

MONTHS = {
'en':'January February March April May June July August September October November December',
'de':'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
'fr':'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
'es':'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
'it':'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
'nl':'januari februari maart april mei juni juli augustus september oktober november december',
'pt':'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
'pl':'stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia',
'sv':'januari februari mars april maj juni juli augusti september oktober november december',
'fi':'tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta',
'da':'januar februar marts april maj juni juli august september oktober november december',
'no':'januar februar mars april mai juni juli august september oktober november desember',
'cs':'ledna února března dubna května června července srpna září října listopadu prosince'}
MONTHS = {k: v.split() for k, v in MONTHS.items()}

FIELD = {  # field names by language
'en': dict(name='Name|Full name|Customer name', first='First name|Given name', last='Last name|Surname', dob='Date of birth|DOB|Birth date|D.O.B.', phone='Phone|Telephone|Phone number|Tel', mobile='Mobile|Cell|Mobile no.', email='Email|E-mail|Email address', addr='Address|Postal address|Home address', street='Street|Address line 1', zip='Postcode|ZIP', city='City|Town', cust='Customer no.|Account ID', note='Notes|Comment', pw='Password|Initial password', user='Username|Login', card='Card number|Credit card no.', ip='IP address|Client IP', date='Date|Created', subj='Subject|Re', phonekey='phone', status='Status'),
'de': dict(name='Name|Vor- und Nachname|Kunde', first='Vorname', last='Nachname|Familienname', dob='Geburtsdatum|Geb.-Datum|geb. am', phone='Telefon|Tel.|Telefonnummer|Rufnummer', mobile='Mobil|Handy|Mobilnummer', email='E-Mail|E-Mail-Adresse|Mail', addr='Adresse|Anschrift|Postanschrift', street='Straße, Nr.|Straße', zip='PLZ', city='Ort|Stadt', cust='Kundennr.|Kundennummer', note='Bemerkung|Notiz', pw='Passwort|Kennwort|Initialpasswort', user='Benutzername|Login', card='Kartennummer|Kreditkartennr.', ip='IP-Adresse', date='Datum|Angelegt am', subj='Betreff', status='Status'),
'fr': dict(name='Nom|Nom et prénom|Client', first='Prénom', last='Nom de famille|Nom', dob='Date de naissance|Né(e) le', phone='Téléphone|Tél.|N° de téléphone', mobile='Portable|Mobile', email='E-mail|Courriel|Adresse e-mail', addr='Adresse|Adresse postale|Domicile', street='Voie|N° et rue', zip='Code postal|CP', city='Ville|Commune', cust='N° client', note='Remarque|Commentaire', pw='Mot de passe|MDP', user='Identifiant', card='Numéro de carte|N° carte bancaire', ip='Adresse IP', date='Date', subj='Objet', status='Statut'),
'es': dict(name='Nombre|Nombre y apellidos|Cliente', first='Nombre', last='Apellidos', dob='Fecha de nacimiento|F. nacimiento', phone='Teléfono|Tel.|Tfno.', mobile='Móvil|Tel. móvil', email='Correo electrónico|E-mail|Correo', addr='Dirección|Domicilio', street='Calle y número', zip='C.P.', city='Localidad|Ciudad', cust='N.º de cliente', note='Observaciones|Nota', pw='Contraseña|Clave', user='Usuario', card='Número de tarjeta|N.º tarjeta', ip='Dirección IP', date='Fecha', subj='Asunto', status='Estado'),
'it': dict(name='Nome e cognome|Cliente|Nominativo', first='Nome', last='Cognome', dob='Data di nascita|Nato/a il', phone='Telefono|Tel.|Recapito telefonico', mobile='Cellulare|Cell.', email='E-mail|Email|Posta elettronica', addr='Indirizzo|Residenza', street='Via e numero civico', zip='CAP', city='Città|Comune', cust='Codice cliente', note='Note', pw='Password|Parola d\'ordine', user='Utente|Nome utente', card='Numero carta|Carta di credito', ip='Indirizzo IP', date='Data', subj='Oggetto', status='Stato'),
'nl': dict(name='Naam|Klant', first='Voornaam', last='Achternaam', dob='Geboortedatum|Geb.datum', phone='Telefoon|Telefoonnummer|Tel.', mobile='Mobiel|Mobiele nummer', email='E-mail|E-mailadres', addr='Adres|Woonadres', street='Straat en huisnummer', zip='Postcode', city='Plaats|Woonplaats', cust='Klantnummer', note='Opmerking', pw='Wachtwoord', user='Gebruikersnaam', card='Kaartnummer|Creditcardnummer', ip='IP-adres', date='Datum', subj='Onderwerp', status='Status'),
'pt': dict(name='Nome|Nome completo|Cliente', first='Nome', last='Apelido|Sobrenome', dob='Data de nascimento|Nascimento', phone='Telefone|Tel.|Contacto', mobile='Telemóvel|Celular', email='E-mail|Correio eletrónico', addr='Morada|Endereço', street='Rua e número', zip='CEP|Código postal', city='Cidade|Localidade', cust='N.º de cliente|Código do cliente', note='Observação|Notas', pw='Senha|Palavra-passe', user='Usuário|Utilizador', card='Número do cartão|Cartão de crédito', ip='Endereço IP', date='Data', subj='Assunto', status='Estado'),
'pl': dict(name='Imię i nazwisko|Klient', first='Imię', last='Nazwisko', dob='Data urodzenia|Data ur.', phone='Telefon|Tel.|Nr telefonu', mobile='Telefon komórkowy|Kom.', email='E-mail|Adres e-mail', addr='Adres|Adres zamieszkania', street='Ulica i numer', zip='Kod pocztowy', city='Miejscowość|Miasto', cust='Nr klienta', note='Uwagi', pw='Hasło', user='Login|Użytkownik', card='Numer karty', ip='Adres IP', date='Data', subj='Temat|Dotyczy', status='Status'),
'sv': dict(name='Namn|Kund', first='Förnamn', last='Efternamn', dob='Födelsedatum|Född', phone='Telefon|Tfn|Telefonnummer', mobile='Mobil|Mobilnummer', email='E-post|E-postadress', addr='Adress|Hemadress', street='Gatuadress', zip='Postnr', city='Ort|Postort', cust='Kundnr', note='Anteckning', pw='Lösenord', user='Användarnamn', card='Kortnummer', ip='IP-adress', date='Datum', subj='Ämne', status='Status'),
'fi': dict(name='Nimi|Asiakas', first='Etunimi', last='Sukunimi', dob='Syntymäaika|Synt.aika', phone='Puhelin|Puh.|Puhelinnumero', mobile='Matkapuhelin|GSM', email='Sähköposti|Sähköpostiosoite', addr='Osoite|Kotiosoite', street='Katuosoite', zip='Postinumero', city='Postitoimipaikka|Kaupunki', cust='Asiakasnumero', note='Huomautus', pw='Salasana', user='Käyttäjätunnus', card='Kortin numero', ip='IP-osoite', date='Päivämäärä', subj='Aihe', status='Tila'),
'da': dict(name='Navn|Kunde', first='Fornavn', last='Efternavn', dob='Fødselsdato|Født', phone='Telefon|Tlf.', mobile='Mobil|Mobilnr.', email='E-mail|Mail', addr='Adresse', street='Vej og husnr.', zip='Postnr.', city='By', cust='Kundenr.', note='Bemærkning', pw='Adgangskode|Kodeord', user='Brugernavn', card='Kortnummer', ip='IP-adresse', date='Dato', subj='Emne', status='Status'),
'no': dict(name='Navn|Kunde', first='Fornavn', last='Etternavn', dob='Fødselsdato|Født', phone='Telefon|Tlf.', mobile='Mobil|Mobilnr.', email='E-post', addr='Adresse', street='Gateadresse', zip='Postnr.', city='Poststed', cust='Kundenr.', note='Merknad', pw='Passord', user='Brukernavn', card='Kortnummer', ip='IP-adresse', date='Dato', subj='Emne', status='Status'),
'cs': dict(name='Jméno a příjmení|Zákazník', first='Jméno', last='Příjmení', dob='Datum narození|Nar.', phone='Telefon|Tel.|Tel. číslo', mobile='Mobil', email='E-mail', addr='Adresa|Bydliště', street='Ulice a č.p.', zip='PSČ', city='Město|Obec', cust='Zákaznické č.', note='Poznámka', pw='Heslo', user='Uživatel', card='Číslo karty', ip='IP adresa', date='Datum', subj='Předmět', status='Stav'),
}
FILL = {
'en':['The customer has been with us for a while and is usually very patient.','Please treat this with priority, the deadline is Friday.','We already tried restarting the app, that did not help.','I have attached the screenshots from yesterday.','Nothing else has changed on our side since the last release.','Thanks for looking into this so quickly.','The parcel shop was closed when I got there.','Let me know if you need anything else from me.','Our opening hours are Mon-Fri 9 to 5.','It happened twice last week, always in the evening.'],
'de':['Der Vorgang liegt seit letzter Woche bei uns.','Bitte geben Sie mir kurz Bescheid, wenn es erledigt ist.','Die Unterlagen habe ich bereits per Post geschickt.','Leider war die Hotline den ganzen Vormittag besetzt.','Wir bitten um Verständnis für die Verzögerung.','Ansonsten sind wir mit dem Service sehr zufrieden.','Der Termin kann gern verschoben werden.'],
'fr':['Le dossier est en cours de traitement.','Je vous remercie par avance pour votre retour.','Le colis n\'a toujours pas été livré.','Nous restons à votre disposition.','J\'ai déjà appelé deux fois sans succès.'],
'es':['El pedido todavía no ha llegado.','Quedo a la espera de su respuesta.','Ya he llamado dos veces y nadie contesta.','Gracias de antemano por su ayuda.','La incidencia sigue abierta.'],
'it':['La pratica è in lavorazione.','Resto in attesa di un gentile riscontro.','Il pacco non è ancora arrivato.','Grazie mille per la disponibilità.','Ho già provato a chiamare ieri.'],
'nl':['De zaak ligt nog bij de afdeling.','Alvast bedankt voor de moeite.','Het pakket is nog steeds niet bezorgd.','Ik hoor graag van u.','Gisteren heb ik ook al gebeld.'],
'pt':['O pedido ainda não chegou.','Fico a aguardar a sua resposta.','Já tentei ligar duas vezes.','Obrigado desde já pela atenção.'],
'pl':['Sprawa jest w toku.','Z góry dziękuję za odpowiedź.','Paczka nadal nie dotarła.','Dzwoniłem już dwa razy.'],
'sv':['Ärendet är under behandling.','Tack på förhand för hjälpen.','Paketet har fortfarande inte kommit.','Hör gärna av er om något är oklart.'],
'fi':['Asia on käsittelyssä.','Kiitos jo etukäteen avusta.','Paketti ei ole vieläkään saapunut.','Otattehan yhteyttä, jos jotain puuttuu.'],
'da':['Sagen er under behandling.','På forhånd tak for hjælpen.','Pakken er stadig ikke kommet.'],
'no':['Saken er under behandling.','På forhånd takk for hjelpen.','Pakken har fortsatt ikke kommet.'],
'cs':['Věc je v řešení.','Předem děkuji za odpověď.','Balík stále nedorazil.'],
}
WORDS_CO = 'Nordtek Alvera Brightwell Solvio Kestrel Lumina Castellan Borealis Quentra Meridian Tavola Hexaline Orbis Fennwick Palladia Verdant Zentria Corvex Altura Novaris Granit Helix Mosaik Pinnacle'.split()
PRODUCTS = ['wireless headset','espresso machine','router','standing desk','fitness tracker','sofa bed','dishwasher','e-bike','tablet','printer','air fryer','monitor arm']

# ------------------------------------------------------------------ check digits (makers)
def ascii_fold(s):
    s = s.replace('ß','ss').replace('ø','o').replace('Ø','O').replace('ł','l').replace('Ł','L').replace('ı','i').replace('æ','ae').replace('å','a')
    return unicodedata.normalize('NFKD', s).encode('ascii','ignore').decode()
def dig(r, n): return ''.join(r.choice('0123456789') for _ in range(n))
def luhn_digit(s):
    t = 0
    for k, c in enumerate(reversed(s)):
        d = int(c)
        if k % 2 == 0:
            d *= 2
            if d > 9: d -= 9
        t += d
    return str(-t % 10)
def mk_card(r):
    kind = r.choice(['visa']*5 + ['mc']*4 + ['mc2','amex','amex','disc','diners','jcb'])
    if kind == 'visa': p, n = '4', 16
    elif kind == 'mc': p, n = '5' + r.choice('12345'), 16
    elif kind == 'mc2': p, n = str(r.randint(2221, 2720)), 16
    elif kind == 'amex': p, n = r.choice(['34','37']), 15
    elif kind == 'disc': p, n = r.choice(['6011','65']), 16
    elif kind == 'diners': p, n = '36', 14
    else: p, n = str(r.randint(3528, 3589)), 16
    s = p + dig(r, n - len(p) - 1)
    return s + luhn_digit(s)
def fmt_card(r, s):
    k = r.choice(['sp','sp','plain','hy'])
    if k == 'plain': return s
    sep = ' ' if k == 'sp' else '-'
    g = (4,6,5) if len(s) == 15 else (4,6,4) if len(s) == 14 else (4,4,4,4)
    out, i = [], 0
    for n in g: out.append(s[i:i+n]); i += n
    return sep.join(out)
IBAN_F = {'DE':'n18','AT':'n16','CH':'n17','FR':'n10c11n2','ES':'n20','IT':'a1n10n12','NL':'a4n10','PT':'n21','PL':'n24','SE':'n20','FI':'n14','DK':'n14','NO':'n11','CZ':'n20','GB':'a4n14','IE':'a4n14','BE':'n12'}
IBAN_LEN = dict(DE=22,AT=20,CH=21,FR=27,ES=24,IT=27,NL=18,PT=25,PL=28,SE=24,FI=18,DK=18,NO=15,CZ=24,GB=22,IE=22,BE=16)
def mk_iban(r, cc):
    if cc not in IBAN_F: cc = r.choice(['DE','GB','FR','NL','ES','IE','BE'])
    b = ''
    for k, n in re.findall(r'([nac])(\d+)', IBAN_F[cc]):
        al = '0123456789' if k == 'n' else string.ascii_uppercase
        if k == 'c': b += dig(r, int(n)) if r.random() < .7 else ''.join(r.choice('0123456789ABCDEFGHJKLMNPRSTUVWXYZ') for _ in range(int(n)))
        else: b += ''.join(r.choice(al) for _ in range(int(n)))
    if cc == 'NL': b = r.choice(['ABNA','INGB','RABO','TRIO','KNAB','BUNQ']) + b[4:]
    if cc == 'GB': b = r.choice(['NWBK','BARC','LOYD','HBUK','MONZ']) + b[4:]
    if cc == 'IE': b = r.choice(['AIBK','BOFI']) + b[4:]
    if cc == 'CH': b = '0' + r.choice('04') + b[2:]
    n = int(''.join(str(int(c, 36)) for c in b + cc + '00'))
    return cc + '%02d' % (98 - n % 97) + b
B58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
def b58check(payload):
    d = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    n = int.from_bytes(d, 'big'); s = ''
    while n: n, m = divmod(n, 58); s = B58[m] + s
    return '1' * (len(d) - len(d.lstrip(b'\0'))) + s
BECH = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
def bech_poly(v):
    c = 1
    for x in v:
        t = c >> 25; c = (c & 0x1ffffff) << 5 ^ x
        for i, g in enumerate((0x3b6a57b2,0x26508e6d,0x1ea119fa,0x3d4233dd,0x2a1462b3)):
            if t >> i & 1: c ^= g
    return c
def mk_bech(r, taproot):
    prog = bytes(r.randrange(256) for _ in range(32 if taproot else 20))
    bits = ''.join('{:08b}'.format(x) for x in prog); bits += '0' * (-len(bits) % 5)
    data = [1 if taproot else 0] + [int(bits[i:i+5], 2) for i in range(0, len(bits), 5)]
    hrp = [3, 3, 0, 2, 3]  # expanded "bc"
    pm = bech_poly(hrp + data + [0]*6) ^ (0x2bc830a3 if taproot else 1)
    return 'bc1' + ''.join(BECH[x] for x in data + [pm >> 5*(5-i) & 31 for i in range(6)])
def keccak256(data):
    RC = []
    lf = 1
    for _ in range(24):
        rc = 0
        for j in range(7):
            if lf & 1: rc |= 1 << ((1 << j) - 1)
            lf = (lf << 1) ^ (0x171 if lf >> 7 else 0)
        RC.append(rc)
    M = (1 << 64) - 1
    rol = lambda a, n: ((a << n) | (a >> (64 - n))) & M if n else a
    st = [[0]*5 for _ in range(5)]
    p = bytearray(data) + b'\x01'
    p += b'\0' * (-len(p) % 136); p[-1] |= 0x80
    for o in range(0, len(p), 136):
        for i in range(17):
            st[i % 5][i // 5] ^= int.from_bytes(p[o+8*i:o+8*i+8], 'little')
        for rc in RC:
            C = [st[x][0]^st[x][1]^st[x][2]^st[x][3]^st[x][4] for x in range(5)]
            D = [C[x-1] ^ rol(C[(x+1) % 5], 1) for x in range(5)]
            for x in range(5):
                for y in range(5): st[x][y] ^= D[x]
            x, y, cur = 1, 0, st[1][0]
            for t in range(24):
                x, y = y, (2*x + 3*y) % 5
                cur, st[x][y] = st[x][y], rol(cur, (t+1)*(t+2)//2 % 64)
            for y in range(5):
                row = [st[x][y] for x in range(5)]
                for x in range(5): st[x][y] = row[x] ^ (~row[(x+1) % 5] & M & row[(x+2) % 5])
            st[0][0] ^= rc
    return b''.join(st[i % 5][i // 5].to_bytes(8, 'little') for i in range(4))
assert keccak256(b'').hex() == 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
def eip55(h):
    k = keccak256(h.encode()).hex()
    return '0x' + ''.join(c.upper() if int(k[i], 16) >= 8 else c for i, c in enumerate(h))
def hexs(r, n): return ''.join(r.choice('0123456789abcdef') for _ in range(n))
_B = [None]
def mk_birth(r, lo=1940, hi=2004):
    if _B[0]: return _B[0]
    return datetime.date(r.randint(lo, hi), r.randint(1, 12), r.randint(1, 28))
def mk_ssn(r):
    while 1:
        a, g, s = r.randint(1, 899), r.randint(1, 99), r.randint(1, 9999)
        if a != 666: return '%03d-%02d-%04d' % (a, g, s)
def mod11_10(s):
    p = 10
    for c in s:
        p = (p + int(c)) % 10 or 10
        p = p * 2 % 11
    return str((11 - p) % 10)
def mk_tax(r):
    ds = list('0123456789'); r.shuffle(ds)
    ten = ds[:9] + [r.choice(ds[:9])]; r.shuffle(ten)
    while ten[0] == '0': r.shuffle(ten)
    s = ''.join(ten)
    return s + mod11_10(s)
DNI = 'TRWAGMYFPDXBNJZSQVHLCKE'
def mk_dni(r):
    if r.random() < .3:
        x = r.choice('XYZ'); n = dig(r, 7)
        return x + n + DNI[int(str('XYZ'.index(x)) + n) % 23]
    n = str(r.randint(10**6*2, 99999999)).zfill(8)
    return n + DNI[int(n) % 23]
CF_ODD = dict(zip('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', [1,0,5,7,9,13,15,17,19,21,1,0,5,7,9,13,15,17,19,21,2,4,18,20,11,3,6,8,12,14,16,10,22,25,24,23]))
def mk_cf(r, first, last):
    def code(w, isfirst):
        w = re.sub('[^A-Z]', '', ascii_fold(w).upper())
        c = [x for x in w if x not in 'AEIOU']; v = [x for x in w if x in 'AEIOU']
        if isfirst and len(c) >= 4: c = [c[0], c[2], c[3]]
        return (''.join(c + v) + 'XXX')[:3]
    b = mk_birth(r); d = b.day + (40 if first[-1] == 'a' and first not in ('Luca','Andrea') else 0)
    s = code(last, 0) + code(first, 1) + '%02d' % (b.year % 100) + 'ABCDEHLMPRST'[b.month-1] + '%02d' % d + r.choice(['F205','H501','L219','A944','F839','D612','A662','G224','Z129','C351'])
    t = sum(CF_ODD[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(s))
    return s + chr(65 + t % 26)
def mk_nir(r):
    b = mk_birth(r)
    dep = r.choice(['75','69','33','13','59','44','31','2A','2B','35','67','92','93'])
    s = r.choice('12') + '%02d%02d' % (b.year % 100, b.month) + dep + '%03d%03d' % (r.randint(1, 450), r.randint(1, 800))
    n = int(s.replace('2A', '19').replace('2B', '18')) if dep in ('2A','2B') else int(s)
    return s + '%02d' % (97 - n % 97)
def mk_nhs(r):
    while 1:
        s = r.choice('4679') + dig(r, 8)
        c = 11 - sum(int(x) * (10 - i) for i, x in enumerate(s)) % 11
        if c != 10: return s + str(0 if c == 11 else c)
def mk_nino(r):
    while 1:
        p = r.choice('ABCEGHJKLMNOPRSTWXYZ') + r.choice('ABCEGHJKLMNPRSTWXYZ')
        if p not in ('BG','GB','KN','NK','NT','TN','ZZ'): return p + dig(r, 6) + r.choice('ABCD')
def mk_bsn(r):
    while 1:
        s = dig(r, 8)
        if s[0] == '0': continue
        c = sum(int(x) * (9 - i) for i, x in enumerate(s)) % 11
        if c < 10: return s + str(c)
def mk_pesel(r):
    b = mk_birth(r, 1940, 2005)
    m = b.month + (20 if b.year >= 2000 else 0)
    s = '%02d%02d%02d' % (b.year % 100, m, b.day) + dig(r, 4)
    return s + str(-sum(int(c) * w for c, w in zip(s, (1,3,7,9,1,3,7,9,1,3))) % 10)
def mk_cpf(r):
    s = dig(r, 9)
    if len(set(s)) == 1: return mk_cpf(r)
    for n in (10, 11):
        t = sum(int(c) * (n - i) for i, c in enumerate(s)) % 11
        s += str(0 if t < 2 else 11 - t)
    return s
V_D = [[0,1,2,3,4,5,6,7,8,9],[1,2,3,4,0,6,7,8,9,5],[2,3,4,0,1,7,8,9,5,6],[3,4,0,1,2,8,9,5,6,7],[4,0,1,2,3,9,5,6,7,8],[5,9,8,7,6,0,4,3,2,1],[6,5,9,8,7,1,0,4,3,2],[7,6,5,9,8,2,1,0,4,3],[8,7,6,5,9,3,2,1,0,4],[9,8,7,6,5,4,3,2,1,0]]
V_P = [[0,1,2,3,4,5,6,7,8,9],[1,5,7,6,2,8,3,0,9,4],[5,8,0,3,7,9,6,1,4,2],[8,9,1,6,0,4,3,5,2,7],[9,4,5,3,1,2,6,8,7,0],[4,2,8,6,5,7,3,9,0,1],[2,7,9,3,8,0,6,4,1,5],[7,0,4,6,9,1,3,2,5,8]]
V_I = [0,4,3,2,1,5,6,7,8,9]
def mk_aadhaar(r):
    s = r.choice('23456789') + dig(r, 10); c = 0
    for i, x in enumerate(reversed(s)): c = V_D[c][V_P[(i+1) % 8][int(x)]]
    return s + str(V_I[c])
def mk_pnr(r):
    b = mk_birth(r, 1935, 2006)
    s = b.strftime('%y%m%d') + '%03d' % r.randint(1, 989)
    return b, s + luhn_digit(s)
HETU = '0123456789ABCDEFHJKLMNPRSTUVWXY'
def mk_hetu(r):
    b = mk_birth(r, 1935, 2006); n = '%03d' % r.randint(2, 899)
    d = b.strftime('%d%m%y'); sep = '-' if b.year < 2000 else 'A'
    return d + sep + n + HETU[int(d + n) % 31]
def mrz_cd(s):
    return str(sum((int(c) if c.isdigit() else 0 if c == '<' else ord(c) - 55) * (7,3,1)[i % 3] for i, c in enumerate(s)) % 10)
def mk_mrz(r, first, last, cc):
    c3 = dict(US='USA',GB='GBR',IN='IND',AU='AUS',CA='CAN',IE='IRL',DE='D',AT='AUT',CH='CHE',FR='FRA',ES='ESP',IT='ITA',NL='NLD',PT='PRT',BR='BRA',PL='POL',SE='SWE',FI='FIN',DK='DNK',NO='NOR',CZ='CZE')[cc]
    f = lambda w: re.sub('[^A-Z]+', '<', ascii_fold(w).upper().replace("'", ''))
    l1 = ('P<' + c3.ljust(3, '<') + f(last) + '<<' + f(first) + '<' * 44)[:44]
    no = (r.choice('CFGHJKLMNPRTVWXYZ') + ''.join(r.choice('0123456789CFGHJKLMNPRTVWXYZ') for _ in range(8))) if cc == 'DE' else r.choice(string.ascii_uppercase) + r.choice(string.ascii_uppercase + '0123456789') + dig(r, 7)
    b = mk_birth(r); e = datetime.date(r.randint(2025, 2034), r.randint(1, 12), r.randint(1, 28))
    bs, es = b.strftime('%y%m%d'), e.strftime('%y%m%d')
    opt = '<' * 14; oc = '<' if r.random() < .5 else '0'
    sx = r.choice('MF')
    l2 = no + mrz_cd(no) + c3.ljust(3, '<') + bs + mrz_cd(bs) + sx + es + mrz_cd(es) + opt + oc
    comp = l2[0:10] + l2[13:20] + l2[21:43]
    return l1 + '\n' + l2 + mrz_cd(comp)
def mk_imei(r):
    s = r.choice(['35','86','01','35']) + dig(r, 12)
    return s + luhn_digit(s)

# ------------------------------------------------------------------ secrets
AN = string.ascii_letters + string.digits
def rnd(r, al, n): return ''.join(r.choice(al) for _ in range(n))
def human_pw(r, safe=False):
    w = r.choice(['Sommer','Winter','Tiger','Falcon','Bella','Dragon','Lisboa','Barca','Mango','Purple','Kaffee','Monkey','Orchid','Rocket','Schnee','Juventus','Sunset','Pepper','Wolke','Banane','Hockey','Cactus','Velvet','Amarillo'])
    k = r.randrange(7); sp = '-_' if safe else '!#*+-_?'
    if safe is False: sp = '!*+-_?'
    if k == 0: s = w + str(r.randint(1987, 2024)) + ('' if safe else '!')
    elif k == 1: s = w + r.choice(sp) + dig(r, 3)
    elif k == 2: s = w.lower().replace('o', '0').replace('a', '4') + r.choice(sp) + dig(r, 2) + r.choice('XYZQ')
    elif k == 3: s = rnd(r, AN, r.randint(8, 12))
    elif k == 4: s = rnd(r, AN, 4) + r.choice(sp) + rnd(r, AN, 4) + r.choice(sp) + rnd(r, AN, 3)
    elif k == 5: s = w + r.choice(['Haus','River','Blue','Night','Stein','Luna']) + dig(r, 2)
    else: s = rnd(r, string.ascii_uppercase, 1) + rnd(r, string.ascii_lowercase, 4) + dig(r, 2) + r.choice(sp) + rnd(r, AN, 4)
    if not (re.search(r'\d', s) and re.search('[A-Za-z]', s)): return human_pw(r, safe)
    return s
def b64u(b): return base64.urlsafe_b64encode(b).rstrip(b'=').decode()
def rb(r, n): return bytes(r.randrange(256) for _ in range(n))
def mk_jwt(r):
    h = {'alg': r.choice(['HS256','RS256','HS256']), 'typ': 'JWT'}
    p = {'sub': str(r.randint(1000, 999999)), 'iat': r.randint(1650000000, 1735000000), 'role': r.choice(['admin','user','service'])}
    return '.'.join([b64u(json.dumps(h, separators=(',', ':')).encode()), b64u(json.dumps(p, separators=(',', ':')).encode()), b64u(rb(r, 32))])
def mk_pem(r):
    k = r.choice([('RSA PRIVATE KEY','MIIEpAIBAAKCAQEA', 12),('PRIVATE KEY','MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 13),('EC PRIVATE KEY','MHcCAQEEI', 3),('OPENSSH PRIVATE KEY','b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW', 6)])
    n = k[2] * 64 - r.randint(8, 40)
    body = (k[1] + base64.b64encode(rb(r, n)).decode())[:n // 4 * 4 - 2] + '=='
    ls = [body[i:i+64] for i in range(0, len(body), 64)]
    return '-----BEGIN %s-----\n' % k[0] + '\n'.join(ls) + '\n-----END %s-----' % k[0]
UP = string.ascii_uppercase + string.digits
LO = string.ascii_lowercase + string.digits
PROV = {
 'aws_id': lambda r: r.choice(['AKIA','AKIA','ASIA']) + rnd(r, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16),
 'aws_secret': lambda r: rnd(r, AN + '+/', 40),
 'ghp': lambda r: r.choice(['ghp_','gho_','ghs_']) + rnd(r, AN, 36),
 'ghpat': lambda r: 'github_pat_' + rnd(r, AN, 22) + '_' + rnd(r, AN, 59),
 'glpat': lambda r: 'glpat-' + rnd(r, AN + '_-', 19) + rnd(r, AN, 1),
 'slack': lambda r: r.choice(['xoxb-','xoxp-']) + dig(r, 12) + '-' + dig(r, 12) + '-' + rnd(r, AN, 24),
 'stripe': lambda r: r.choice(['sk_live_','rk_live_','sk_test_']) + rnd(r, AN, r.choice([24, 99])),
 'google': lambda r: 'AIza' + rnd(r, AN + '_-', 34) + rnd(r, AN, 1),
 'openai': lambda r: r.choice(['sk-proj-' + rnd(r, AN + '_-', 60) + 'T3BlbkFJ' + rnd(r, AN, 60), 'sk-' + rnd(r, AN, 20) + 'T3BlbkFJ' + rnd(r, AN, 20)]),
 'anthropic': lambda r: 'sk-ant-api03-' + rnd(r, AN + '_-', 93) + 'AA',
 'hf': lambda r: 'hf_' + rnd(r, string.ascii_letters, 34),
 'npm': lambda r: 'npm_' + rnd(r, AN, 36),
 'pypi': lambda r: 'pypi-AgEIcHlwaS5vcmc' + rnd(r, AN + '_-', 100) + rnd(r, AN, 1),
 'sendgrid': lambda r: 'SG.' + rnd(r, AN + '_-', 21) + 'x.' + rnd(r, AN + '_-', 42) + rnd(r, AN, 1),
 'twilio': lambda r: hexs(r, 32),
 'do': lambda r: 'dop_v1_' + hexs(r, 64),
 'shopify': lambda r: r.choice(['shpat_','shpss_']) + hexs(r, 32),
 'telegram': lambda r: str(r.randint(10**9, 7*10**9)) + ':AA' + rnd(r, AN + '_-', 32) + rnd(r, AN, 1),
 'azure': lambda r: base64.b64encode(rb(r, 64)).decode(),
 'hex32': lambda r: hexs(r, 32), 'hex40': lambda r: hexs(r, 40), 'hex64': lambda r: hexs(r, 64),
 'b64': lambda r: base64.b64encode(rb(r, 32)).decode(), 'b64s': lambda r: b64u(rb(r, 24)),
 'an': lambda r: rnd(r, AN, r.choice([20, 24, 32, 40])),
 'django': lambda r: rnd(r, LO + '!@^*(-_=+', 49) + rnd(r, LO, 1),
 'jwt': mk_jwt, 'pem': mk_pem,
 'mailgun': lambda r: 'key-' + hexs(r, 32),
 'basic': lambda r: base64.b64encode((r.choice(['admin','svc','api','deploy']) + ':' + rnd(r, AN, 14)).encode()).decode(),
 'pin': lambda r: dig(r, 6),
}

# ------------------------------------------------------------------ templates' registry
TEMPLATES, HARD = [], []
_cnt = collections.Counter()
def T(reg, loc, *texts, hard=False):
    """register templates; loc: 'en' (any locale of the language), 'en-US,en-CA', '*'"""
    if loc == '*': locs = list(LOCALES)
    else:
        locs = []
        for p in loc.split(','): locs += LANGS[p] if p in LANGS else [p]
    for t in texts:
        tag = 'any' if loc == '*' else loc.split(',')[0].lower()
        key = ('hard-' if hard else '') + reg + '-' + tag
        _cnt[key] += 1
        (HARD if hard else TEMPLATES).append(('%s-%02d' % (key, _cnt[key]), locs, reg, t.strip('\n')))
def H(reg, loc, *texts): T(reg, loc, *texts, hard=True)

LABELLED = {'email':'email','phone':'phone','addr':'address','pobox':'address','card':'card','iban':'iban','btc':'crypto','eth':'crypto','ip':'ip','ip6':'ip','mac':'mac','imei':'imei','pw':'secret','sec':'secret','urlc':'url_credentials','ssn':'us_ssn','tax':'de_tax_id','dni':'es_dni','cf':'it_codice_fiscale','nir':'fr_nir','nhs':'uk_nhs','nino':'uk_nino','bsn':'nl_bsn','pesel':'pl_pesel','cpf':'br_cpf','aadhaar':'in_aadhaar','pnr':'se_personnummer','hetu':'fi_hetu','mrz':'passport_mrz','dob':'birth_date'}
TYPES = sorted(set(LABELLED.values()))

def sp(s, *gs):
    out, i = [], 0
    for n in gs: out.append(s[i:i+n]); i += n
    return out

class Ctx:
    def __init__(self, r, loc):
        self.r, self.loc, self.lang, self.cache, self.persons, self.orgs, self.row = r, loc, lang_of(loc), {}, {}, {}, None
    def person(self, tag):
        if tag is not None and tag in self.persons: return self.persons[tag]
        L, r = LOCALES[self.loc], self.r
        f, l = r.choice(L['first']), r.choice(L['last'])
        while tag is not None and len(self.persons) < 8 and any(q['first'] == f for q in self.persons.values()): f = r.choice(L['first'])
        p = dict(first=f, last=l, name=f + ' ' + l, birth=datetime.date(r.randint(1940, 2004), r.randint(1, 12), r.randint(1, 28)))
        a, b = re.sub('[^a-z]', '', ascii_fold(f).lower()), re.sub('[^a-z]', '', ascii_fold(l).lower())
        p['user'] = r.choice([a[0] + b, a + b[0], a + '.' + b, b + a[0] + dig(r, 2), a + dig(r, 2)])
        p['a'], p['b'] = a, b
        if tag is not None: self.persons[tag] = p
        return p
    def org(self, tag):
        if tag in self.orgs: return self.orgs[tag]
        r, L = self.r, LOCALES[self.loc]
        w = r.choice(WORDS_CO)
        o = dict(name=w + ' ' + r.choice(L['suffix']), dom=w.lower() + r.choice(['', '', '-group', '-it', 'shop']) + '.' + r.choice(L['tld']), word=w)
        self.orgs[tag] = o
        return o

def addr(c, L, loc, style, r):
    S, cc = r.choice(L['streets']), L['cc']
    city, reg, pc = r.choice(L['cities'])
    pc = ''.join(r.choice('123456789') if x == '#' and i == 99 else r.choice('0123456789') if x == '#' else r.choice('ABDEFGHJLNPQRSTUWXYZ') if x == '@' else x for i, x in enumerate(pc))
    n = r.randint(1, 180) if r.random() < .85 else r.randint(1, 9)
    if cc in ('US', 'CA'):
        n = r.randint(12, 9800); st = '%d %s' % (n, S)
        k = r.random()
        if k < .25: st += r.choice([', Apt %d%s', ' Apt %d%s', ', Unit %d%s', ' #%d%s']) % (r.randint(1, 40), r.choice(['', 'A', 'B']))
        elif k < .3: st += ', Suite %d' % (r.randint(1, 9) * 100)
        ci = '%s, %s %s' % (city, reg, pc)
        if cc == 'US' and r.random() < .12: ci += '-' + dig(r, 4)
    elif cc == 'GB':
        st = ('%d%s %s' % (n, r.choice(['', '', '', 'a']), S)); ci = '%s %s' % (city, pc)
        if r.random() < .2: st = r.choice(['Flat %d, ', 'Flat %d, ', 'Unit %d, ']) % r.randint(1, 24) + st
        if style not in ('ml',) and r.random() < .5: ci = '%s, %s' % (city, pc)
    elif cc == 'IN':
        st = r.choice(['%d', '%d/%d', 'No. %d', 'Flat %d, %d']) ; st = st % tuple(r.randint(2, 90) for _ in range(st.count('%')))
        st += ('' if r.random() < .5 else ',') + ' ' + S + ', ' + reg; ci = '%s %s' % (city, pc) if r.random() < .5 else '%s - %s' % (city, pc)
    elif cc == 'AU':
        st = r.choice(['', '', '', 'Unit %d, ' % r.randint(1, 20), '%d/' % r.randint(1, 20)]) + '%d %s' % (n, S); ci = '%s %s %s' % (city, reg, pc)
    elif cc == 'IE':
        st = '%d %s' % (n, S); ci = r.choice(['%s, %s', '%s, %s', 'Co. %s, %s' if ' ' not in city else '%s, %s']) % (city, pc)
    elif cc == 'FR':
        st = '%d%s%s %s' % (n, r.choice(['', '', '', ' bis', ' ter']), r.choice(['', ',', '']), S); ci = pc + ' ' + (city.upper() if r.random() < .3 else city)
    elif cc == 'ES':
        st = S + r.choice([' %d', ', %d', ' nº %d']) % n
        if r.random() < .5: st += r.choice([', %dº %s', ' %dº %s', ', piso %d, %s']) % (r.randint(1, 8), r.choice(['A', 'B', 'Izda.', 'Dcha.', '1ª']))
        st = st.rstrip('.'); ci = '%s %s' % (pc, city)
    elif cc == 'IT':
        st = S + r.choice([' %d', ', %d', ' n. %d']) % n + r.choice(['', '', '/A', '/B']); ci = '%s %s' % (pc, city) + r.choice(['', ' (%s)' % reg, ' ' + reg])
    elif cc == 'NL': st = '%s %d%s' % (S, n, r.choice(['', '', '-2', ' A', 'bis', '-H'])); ci = pc + ' ' + city
    elif cc == 'PT': st = '%s%s %d' % (S, r.choice([',', ',', ' n.º']), n) + r.choice(['', '', ', 2.º Esq', ', 3.º Dto', ', R/C']); ci = pc + ' ' + city
    elif cc == 'BR':
        st = '%s, %s%d' % (S, r.choice(['', '', 'nº ']), n * 7) + r.choice(['', '', ', apto %d' % r.randint(11, 180), ' - Bloco B', ' ap. %d' % r.randint(11, 99)])
        st += r.choice(['', ', Centro', ' - Jardim América', ', Boa Vista']); ci = r.choice(['%s - %s, %s', '%s/%s, CEP %s', '%s - %s, CEP %s']) % (city, reg, pc)
    elif cc == 'PL': st = '%s %d%s' % (S, n, r.choice(['', 'A', '/%d' % r.randint(1, 40), ' m. %d' % r.randint(1, 40)])); ci = pc + ' ' + city
    elif cc == 'CZ': st = '%s %d%s' % (S, n, r.choice(['', '/%d' % r.randint(1, 40), 'a'])); ci = pc + ' ' + city
    elif cc == 'FI': st = '%s %d%s' % (S, n, r.choice(['', ' A %d' % r.randint(1, 40), ' B', ' C %d' % r.randint(1, 60)])); ci = pc + ' ' + city
    elif cc == 'SE': st = '%s %d%s' % (S, n, r.choice(['', ' A', ', lgh 1%d0%d' % (r.randint(0, 4), r.randint(1, 4)), 'B'])); ci = pc + ' ' + city
    elif cc == 'DK': st = '%s %d%s' % (S, n, r.choice(['', ', %d. tv' % r.randint(1, 5), ', st. th', 'B'])); ci = pc + ' ' + city
    elif cc == 'AT': st = '%s %d%s' % (S, n, r.choice(['', '/%d' % r.randint(1, 30), '/%d/%d' % (r.randint(1, 5), r.randint(1, 30))])); ci = pc + ' ' + city
    else: st = '%s %d%s' % (S, n, r.choice(['', '', '', 'a', ' b', 'c'])); ci = pc + ' ' + city
    if style == 'street': return st
    if style == 'sc': return st + ', ' + city
    if style == 'ml': return st + '\n' + ci
    if style.startswith('ind'): return st + '\n' + ' ' * int(style[3:]) + ci
    if style == 'c': return st + ', ' + ci + ', ' + L['country']
    if style == 'mlc': return st + '\n' + ci + '\n' + L['country']
    if style == 'esc': return st + '\\n' + ci
    if style == 'semi': return st + '; ' + ci
    return st + ', ' + ci

def pobox(L, r):
    cc = L['cc']; city, reg, pc = r.choice(L['cities'])
    pc = ''.join(r.choice('0123456789') if x == '#' else r.choice('ABDEFGHJLNPQRSTUWXYZ') if x == '@' else x for x in pc)
    n = str(r.randint(12, 4999))
    f = {'US':'P.O. Box {n}, {c}, {r} {p}','CA':'PO Box {n}, {c}, {r} {p}','AU':'PO Box {n}, {c} {r} {p}','GB':'PO Box {n}, {c} {p}','IE':'PO Box {n}, {c}, {p}','IN':'P.O. Box {n}, {c} {p}','DE':'Postfach {n}, {p} {c}','AT':'Postfach {n}, {p} {c}','CH':'Postfach {n}, {p} {c}','FR':'BP {n}, {p} {c}','ES':'Apartado de Correos {n}, {p} {c}','IT':'Casella Postale {n}, {p} {c}','NL':'Postbus {n}, {p} {c}','PT':'Apartado {n}, {p} {c}','BR':'Caixa Postal {n}, {c} - {r}, {p}','PL':'skr. poczt. {n}, {p} {c}','SE':'Box {n}, {p} {c}','FI':'PL {n}, {p} {c}','DK':'Postboks {n}, {p} {c}','NO':'Postboks {n}, {p} {c}','CZ':'P. O. Box {n}, {p} {c}'}[cc]
    return f.format(n=n, c=city, r=reg, p=pc)

def pat(r, p, area):
    p = p.replace('{a}', r.choice(area))
    return ''.join(r.choice('0123456789') if x == '#' else r.choice('23456789') if x == 'N' else x for x in p)

def fmt_date(r, d, loc, style):
    lang, y = lang_of(loc), d.year
    m = MONTHS[lang][d.month - 1]
    if style == 'any': style = r.choice(['num', 'num', 'long', 'iso'] if loc != 'sv-SE' else ['iso', 'iso', 'long', 'iso'])
    if style == 'iso': return d.isoformat()
    if style == 'long':
        if loc in ('en-US', 'en-CA'): return r.choice(['%s %d, %d' % (m, d.day, y), '%s %d, %d' % (m, d.day, y), '%s %d, %d' % (m[:3], d.day, y)])
        if lang == 'en':
            o = 'th' if 10 < d.day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(d.day % 10, 'th')
            return r.choice(['%d %s %d' % (d.day, m, y), '%d %s %d' % (d.day, m[:3], y), '%d%s %s %d' % (d.day, o, m, y)])
        if lang in ('de', 'da', 'no', 'fi', 'cs'): return '%d. %s %d' % (d.day, m, y)
        if lang in ('es', 'pt'): return '%d de %s de %d' % (d.day, m, y)
        if lang == 'fr' and d.day == 1: return '1er %s %d' % (m, y)
        return '%d %s %d' % (d.day, m, y)
    if style == 'short': 
        if loc == 'en-US': return d.strftime('%m/%d/%y')
        if lang in ('de', 'no', 'fi', 'cs', 'pl'): return d.strftime('%d.%m.%y')
        return d.strftime('%d/%m/%y')
    if loc == 'en-US': return r.choice([d.strftime('%m/%d/%Y'), '%d/%d/%d' % (d.month, d.day, y), d.strftime('%m-%d-%Y')])
    if loc == 'en-CA': return d.strftime('%m/%d/%Y')
    if lang in ('de', 'no', 'cs', 'pl'): return r.choice([d.strftime('%d.%m.%Y')] * 3 + ['%d.%d.%d' % (d.day, d.month, y)]) if lang != 'cs' else '%d. %d. %d' % (d.day, d.month, y)
    if lang == 'fi': return '%d.%d.%d' % (d.day, d.month, y)
    if lang == 'nl': return d.strftime('%d-%m-%Y')
    if lang == 'da': return r.choice([d.strftime('%d-%m-%Y'), d.strftime('%d.%m.%Y'), d.strftime('%d/%m/%Y')])
    if lang == 'sv': return d.isoformat()
    if lang == 'en': return r.choice([d.strftime('%d/%m/%Y')] * 3 + [d.strftime('%d-%m-%Y'), d.strftime('%d.%m.%Y')])
    return r.choice([d.strftime('%d/%m/%Y')] * 3 + [d.strftime('%d-%m-%Y')])

LANDLINE = re.compile(r'\{a\}|NN3|20 7|^\(020|^01[ N]|^\(01|^021|^091| 1 [46]|\)1 4|21N|22N|^08-|46 8|\)8 |9N#|^22|^33|^55|^86|^54#|45 33|47 22|420 22')
def wrong(s, r, ok, pos=None):
    """change one digit so that ok() fails"""
    for _ in range(200):
        i = r.choice([k for k, ch in enumerate(s) if ch.isdigit()][-6:])
        t = s[:i] + r.choice('0123456789') + s[i+1:]
        if t != s and not ok(t): return t
    raise ValueError('wrong')

def value(c, kind, arg, tag):
    r, loc = c.r, c.loc
    args = [a for a in arg.split(':') if a]
    for a in list(args):
        if a[0] == '@': loc = a[1:]; args.remove(a)
    a = args[0] if args else ''
    L = LOCALES[loc]
    P = lambda: c.person(tag)
    # ---- labelled
    if kind == 'email':
        p = P(); x, y = p['a'], p['b']
        lp = r.choice([x+'.'+y, x+'.'+y, x[0]+y, x+y, x+'_'+y, y+'.'+x, x+dig(r, 2), x[0]+'.'+y, x+'.'+y+dig(r, 2), x+'-'+y])
        if a == 'work' or (not a and r.random() < .35):
            d = c.org(tag if a != 'work' or len(args) < 2 else args[1])['dom']; k = r.random()
            if a == 'work' and len(args) < 2: d = c.org('w')['dom']
            if k < .12: d = r.choice(['mail.', 'eu.', 'it.', 'hr.']) + d
            elif k < .2: lp = r.choice(['info', 'support', 'hr', 'billing', 'kontakt', 'office', 'sales'])
        elif a == 'role': lp = r.choice(['info', 'support', 'hello', 'billing', 'service', 'privacy', 'noreply', 'press', 'jobs']); d = c.org('w')['dom']
        elif a == 'idn': d = r.choice(['müller-bau.de', 'bücher-ecke.de', 'café-lumière.fr', 'zürich-treuhand.ch', 'españa-viajes.es', 'smørrebrød-huset.dk', 'xn--mller-kva.de'])
        else: d = r.choice(L['mail'])
        if a == 'plus' or (a != 'role' and r.random() < .06): lp += '+' + r.choice(['shop', 'newsletter', 'test', 'billing', 'amazon', str(r.randint(2018, 2025))])
        s = lp + '@' + d
        if a == '' and r.random() < .04: s = s.title() if r.random() < .5 else s.upper()
        return s
    if kind == 'phone':
        if a == 'm':
            ps = [x for x in L['nat'] + L['intl'] if L['cc'] in ('US', 'CA') or (('9####' in x) if L['cc'] == 'BR' else not LANDLINE.search(x))]
        else: ps = L['intl'] if a == 'intl' or (a != 'nat' and r.random() < .45) else L['nat']
        while 1:
            s = pat(r, r.choice(ps), L['area'])
            if a == 'spaced' and not re.search(r'[ ()./-]', s): continue
            if L['cc'] in ('US', 'CA') and re.search(r'[ .)-]?\d11[ .-]?\d{4}$', s): continue
            return s
    if kind == 'addr':
        while 1:
            s = addr(c, L, loc, a, r)
            if 'noq' in args and "'" in s: continue
            return s
    if kind == 'pobox': return pobox(L, r)
    if kind == 'card': s = mk_card(r); return s if a == 'plain' else fmt_card(r, s)
    if kind == 'iban':
        s = mk_iban(r, a.upper() or L['cc']); k = r.random()
        if 'plain' in args or k < .35: return s
        if k > .96: s = s.lower()
        return ' '.join(s[i:i+4] for i in range(0, len(s), 4))
    if kind == 'btc':
        k = a or r.choice(['p2pkh', 'p2sh', 'wpkh', 'wpkh', 'tr'])
        return b58check(b'\x00' + rb(r, 20)) if k == 'p2pkh' else b58check(b'\x05' + rb(r, 20)) if k == 'p2sh' else mk_bech(r, k == 'tr')
    if kind == 'eth': h = hexs(r, 40); return '0x' + h if a == 'lower' or r.random() < .3 else eip55(h)
    if kind == 'ip':
        k = a or r.choice(['priv', 'pub', 'pub'])
        if k == 'priv': return r.choice(['10.%d.%d.%d', '192.168.%d.%d', '172.%d.%d.%d']).replace('172.%d', '172.' + str(r.randint(16, 31))) % tuple(r.randint(2, 250) for _ in range(3)) if 0 else r.choice([lambda: '10.%d.%d.%d' % (r.randint(0, 99), r.randint(0, 250), r.randint(2, 250)), lambda: '192.168.%d.%d' % (r.randint(0, 200), r.randint(2, 250)), lambda: '172.%d.%d.%d' % (r.randint(16, 31), r.randint(0, 250), r.randint(2, 250))])()
        while 1:
            f = r.randint(11, 222)
            if f not in (100, 127, 169, 172, 192, 198, 203): return '%d.%d.%d.%d' % (f, r.randint(0, 255), r.randint(0, 255), r.randint(1, 254))
    if kind == 'ip6':
        k = r.randrange(5); h = lambda: '%x' % r.randint(0x10, 0xffff)
        if k == 0: return ':'.join([r.choice(['2a02', '2001', '2a01', '2003']), h(), h(), h(), h(), h(), h(), h()])
        if k == 1: return '2001:db8:%s::%x' % (h(), r.randint(1, 0xfff))
        if k == 2: return 'fe80::%s:%s:%s:%s' % (h(), h(), h(), h())
        if k == 3: return '%s:%s:%s::%x' % (r.choice(['2a02', '2a00', '2607', '2a03']), h(), h(), r.randint(1, 0xff))
        return 'fd%02x:%s:%s::%x' % (r.randint(0, 255), h(), h(), r.randint(2, 0xffff))
    if kind == 'mac':
        b = ['%02x' % (r.randrange(1, 64) * 4)] + ['%02x' % r.randrange(256) for _ in range(5)]
        k = a or r.choice(['col', 'col', 'COL', 'HY', 'hy', 'cisco'])
        if k == 'cisco': return b[0]+b[1]+'.'+b[2]+b[3]+'.'+b[4]+b[5]
        s = (':' if k.lower() == 'col' else '-').join(b)
        return s.upper() if k.isupper() else s
    if kind == 'imei':
        s = mk_imei(r); k = r.random()
        return s if a == 'plain' or k < .6 else '-'.join(sp(s, 2, 6, 6, 1)) if k < .8 else ' '.join(sp(s, 2, 6, 6, 1))
    if kind == 'pw': return human_pw(r, safe=(a == 'cfg'))
    if kind == 'sec':
        s = PROV[a](r)
        if 'esc' in args: s = s.replace('\n', '\\n')
        for x in args[1:]:
            if x.startswith('ind'): s = s.replace('\n', '\n' + ' ' * int(x[3:]))
        return s
    if kind == 'urlc':
        u = r.choice(['app', 'svc_orders', 'deploy', 'root', 'admin', 'etl', 'reporting', 'crm_rw', 'backup', 'ci-bot', P()['user']])
        return u + ':' + (human_pw(r, True) if r.random() < .5 else rnd(r, AN, r.randint(12, 20)))
    if kind in ('tax', 'nir', 'pesel', 'pnr', 'hetu', 'cf', 'dob', 'mrz'): _B[0] = c.person(tag)['birth'] if tag is not None else None
    try:
        if kind == 'ssn': s = mk_ssn(r); return s.replace('-', '') if a == 'plain' else s
        if kind == 'tax': s = mk_tax(r); return s if a == 'plain' or (not a and r.random() < .5) else ' '.join(sp(s, 2, 3, 3, 3))
        if kind == 'dni':
            s = mk_dni(r); k = r.random()
            if a == 'plain' or k < .6: return s
            if k < .85: return s[:-1] + '-' + s[-1]
            return s if not s[0].isdigit() else '%s.%s.%s-%s' % (s[:2], s[2:5], s[5:8], s[8])
        if kind == 'cf': p = P(); return mk_cf(r, p['first'], p['last'])
        if kind == 'nir': s = mk_nir(r); return s if a == 'plain' or (not a and r.random() < .4) else ' '.join(sp(s, 1, 2, 2, 2, 3, 3, 2))
        if kind == 'nhs': s = mk_nhs(r); return s if a == 'plain' or (not a and r.random() < .3) else ' '.join(sp(s, 3, 3, 4))
        if kind == 'nino': s = mk_nino(r); return s if a == 'plain' or (not a and r.random() < .45) else ' '.join(sp(s, 2, 2, 2, 2, 1))
        if kind == 'bsn': s = mk_bsn(r); return s if a == 'plain' or r.random() < .8 else '.'.join(sp(s, 4, 2, 3))
        if kind == 'pesel': return mk_pesel(r)
        if kind == 'cpf': s = mk_cpf(r); return s if a == 'plain' or (not a and r.random() < .25) else '%s.%s.%s-%s' % tuple(sp(s, 3, 3, 3, 2))
        if kind == 'aadhaar': s = mk_aadhaar(r); return s if a == 'plain' or (not a and r.random() < .25) else ' '.join(sp(s, 4, 4, 4))
        if kind == 'pnr':
            b, s = mk_pnr(r); k = r.random()
            if a == 'plain': return b.strftime('%Y')[:2] + s
            return (b.strftime('%Y')[:2] if k < .5 else '') + s[:6] + '-' + s[6:]
        if kind == 'hetu': return mk_hetu(r)
        if kind == 'mrz': p = P(); return mk_mrz(r, p['first'], p['last'], L['cc'])
        if kind == 'dob' and a == 'baby': return fmt_date(r, datetime.date(r.randint(2017, 2025), r.randint(1, 12), r.randint(1, 28)), loc, 'long')
        if kind == 'dob': return fmt_date(r, mk_birth(r, 1940, 2012), loc, a or 'any')
    finally: _B[0] = None
    # ---- not labelled
    if kind in ('name', 'first', 'last', 'user'):
        s = P()[kind]
        while 'noq' in args and "'" in s: s = c.person(None)[kind]
        return s.upper() if 'up' in args else s
    if kind == 'company': return c.org(tag or 'w')['name']
    if kind == 'dom': return c.org(tag or 'w')['dom']
    if kind == 'word': return c.org(tag or 'w')['word']
    if kind == 'city': return r.choice(L['cities'])[0]
    if kind == 'country': return L['country']
    if kind == 'street': return r.choice(L['streets'])
    if kind == 'zip': return ''.join(r.choice('0123456789') if x == '#' else r.choice('ABDEFGHJLNPQRSTUWXYZ') if x == '@' else x for x in r.choice(L['cities'])[2])
    if kind == 'date': return fmt_date(r, datetime.date(r.randint(2019, 2025), r.randint(1, 12), r.randint(1, 28)), loc, a or 'num')
    if kind == 'dt': return '%d-%02d-%02d%s%02d:%02d:%02d' % (r.randint(2022, 2025), r.randint(1, 12), r.randint(1, 28), a or ' ', r.randint(0, 23), r.randint(0, 59), r.randint(0, 59))
    if kind == 'time': return '%02d:%02d' % (r.randint(7, 19), r.choice([0, 5, 10, 12, 15, 20, 30, 41, 45, 58]))
    if kind == 'hms': return '%02d:%02d:%02d' % (r.randint(0, 23), r.randint(0, 59), r.randint(0, 59))
    if kind == 'num': return r.choice('123456789') + dig(r, int(a) - 1)
    if kind == 'int': x, y = a.split('-'); return str(r.randint(int(x), int(y)))
    if kind == 'amt':
        x, y = r.randint(5, 2400), r.randint(0, 99)
        cc = L['cc']
        return {'US':'$%d.%02d','CA':'$%d.%02d','AU':'$%d.%02d','GB':'£%d.%02d','IE':'€%d.%02d','IN':'₹%d.%02d','CH':'CHF %d.%02d','BR':'R$ %d,%02d','PL':'%d,%02d zł','SE':'%d,%02d kr','DK':'%d,%02d kr.','NO':'kr %d,%02d','CZ':'%d,%02d Kč'}.get(cc, '%d,%02d €') % (x, y)
    if kind == 'order': return r.choice(['ORD-%s' % dig(r, 6), '#%s' % r.randint(10000, 99999), 'A-%s-%s' % (r.randint(2021, 2025), dig(r, 4)), 'SO%s' % dig(r, 7)])
    if kind == 'ticket': return r.choice(['#', 'TCK-', 'INC0', 'CASE-', 'HD-']) + str(r.randint(10000, 999999))
    if kind == 'ver': return '%d.%d.%d' % (r.randint(0, 24), r.randint(0, 30), r.randint(0, 20))
    if kind == 'ver4': return r.choice(['%d.0.%d.%d' % (r.randint(90, 126), r.randint(0, 9) * 111, r.randint(0, 200)), '10.0.%d.%d' % (r.randint(0, 9), r.randint(1, 250)), '%d.%d.%d.%d' % tuple(r.randint(0, 20) for _ in range(4))])
    if kind == 'chr': return r.choice(['%d.0.0.0' % r.randint(96, 131), '%d.0.%d.%d' % (r.randint(96, 131), r.randint(4600, 6700), r.randint(20, 240))])
    if kind == 'uuid': h = hexs(r, 32); return '-'.join([h[:8], h[8:12], '4' + h[13:16], r.choice('89ab') + h[17:20], h[20:]])
    if kind == 'hex': return hexs(r, int(a))
    if kind == 'tx': return '0x' + hexs(r, 64)
    if kind == 'host': return r.choice(['web', 'db', 'app', 'mail', 'gw', 'node', 'srv', 'pc', 'nas']) + r.choice(['-', '']) + '%02d' % r.randint(1, 40)
    if kind == 'product': return r.choice(PRODUCTS)
    if kind == 'year': return str(r.randint(1950, 2024))
    if kind == 'L': return r.choice(FIELD[c.lang].get(a, a).split('|'))
    if kind == 'fill': return r.choice(FILL[c.lang])
    if kind == 'n': return str(c.row + 1)
    # ---- near misses
    if kind == 'bad':
        if a == 'card':
            s = mk_card(r); return fmt_card(r, wrong(s, r, ck_luhn))
        if a == 'iban': s = mk_iban(r, L['cc']); s = wrong(s, r, ck_iban); return ' '.join(s[i:i+4] for i in range(0, len(s), 4)) if r.random() < .6 else s
        if a == 'btc': s = b58check(b'\0' + rb(r, 20)); return s[:-3] + ''.join(r.choice([x for x in B58 if x != ch]) for ch in s[-3:])
        if a == 'imei':
            while 1:
                s = mk_imei(r); s = s[:-1] + str((int(s[-1]) + r.randint(1, 9)) % 10)
                return s
        if a == 'ssn': return r.choice(['000-%02d-%04d', '666-%02d-%04d', '9%02d-%02d-%04d', '%d-00-%04d']) .replace('9%02d', '9' + dig(r, 2)).replace('%d-00', str(r.randint(100, 599)) + '-00') % tuple(r.randint(10, 99) if i == 0 else r.randint(1000, 9999) for i in range(2)) if 0 else r.choice([lambda: '000-%02d-%04d' % (r.randint(1, 99), r.randint(1, 9999)), lambda: '666-%02d-%04d' % (r.randint(1, 99), r.randint(1, 9999)), lambda: '9%02d-%02d-%04d' % (r.randint(0, 99), r.randint(1, 49), r.randint(1, 9999)), lambda: '%03d-00-%04d' % (r.randint(100, 599), r.randint(1, 9999)), lambda: '%03d-%02d-0000' % (r.randint(100, 599), r.randint(10, 99))])()
        if a == 'tax': return wrong(mk_tax(r), r, lambda s: s[-1] == mod11_10(s[:10]))
        if a == 'dni': s = mk_dni(r); return s[:-1] + r.choice([x for x in DNI if x != s[-1]])
        if a == 'cf': s = mk_cf(r, P()['first'], P()['last']); return s[:-1] + r.choice([x for x in string.ascii_uppercase if x != s[-1]])
        if a == 'nir': s = mk_nir(r); s = s[:-2] + '%02d' % ((int(s[-2:]) + r.randint(1, 40)) % 97 or 5); return ' '.join(sp(s, 1, 2, 2, 2, 3, 3, 2)) if not ck_nir(s) else value(c, kind, arg, tag)
        if a == 'nhs': s = wrong(mk_nhs(r), r, ck_nhs); return ' '.join(sp(s, 3, 3, 4))
        if a == 'nino': return r.choice(['BG', 'GB', 'NK', 'DQ', 'FA', 'AO', 'QQ', 'ZZ']) + dig(r, 6) + r.choice('ABCD') if r.random() < .6 else mk_nino(r)[:-1] + r.choice('EFGHXZ')
        if a == 'bsn': return wrong(mk_bsn(r), r, ck_bsn)
        if a == 'pesel': return wrong(mk_pesel(r), r, ck_pesel)
        if a == 'cpf': s = wrong(mk_cpf(r), r, ck_cpf); return '%s.%s.%s-%s' % tuple(sp(s, 3, 3, 3, 2))
        if a == 'aadhaar': s = wrong(mk_aadhaar(r), r, ck_aadhaar); return ' '.join(sp(s, 4, 4, 4))
        if a == 'pnr': b, s = mk_pnr(r); s = wrong(s, r, lambda t: not t[:6] == s[:6] or ck_luhn(t)); return s[:6] + '-' + s[6:]
        if a == 'hetu': s = mk_hetu(r); return s[:-1] + r.choice([x for x in HETU if x != s[-1]])
        if a == 'mrz': p = P(); s = mk_mrz(r, p['first'], p['last'], L['cc']); return s[:-1] + str((int(s[-1]) + r.randint(1, 9)) % 10)
    if kind == 'acc':  # valid by accident, in a context that says it is something else
        return {'bsn': mk_bsn, 'cpf': mk_cpf, 'pesel': mk_pesel, 'tax': mk_tax, 'nhs': mk_nhs, 'aadhaar': mk_aadhaar, 'ssn': lambda r: mk_ssn(r).replace('-', ''), 'dni': lambda r: mk_dni(r), 'nino': mk_nino, 'pnr': lambda r: '%s-%s' % tuple(sp(mk_pnr(r)[1], 6, 4))}[a](r)
    raise KeyError(kind + ':' + arg)

EXCUSE = {'bad', 'acc', 'ver4', 'chr', 'uuid', 'hex', 'tx'}

class Render:
    def __init__(self, c): self.c, self.out, self.pos, self.spans, self.exc = c, [], 0, [], []
    def put(self, s): self.out.append(s); self.pos += len(s)
    def run(self, t, row=None):
        i = 0
        while 1:
            j = t.find('⟦', i)
            if j < 0: self.put(t[i:]); return
            self.put(t[i:j])
            d, k = 1, j + 1
            while d:
                if k >= len(t): raise ValueError('unbalanced: ' + t[j:j+60])
                d += (t[k] == '⟦') - (t[k] == '⟧'); k += 1
            self.item(t[j+1:k-1], row); i = k
    def item(self, b, row):
        c = self.c
        if b[0] == '?':
            parts, d, cur = [], 0, ''
            for ch in b[1:]:
                if ch == '|' and d == 0: parts.append(cur); cur = ''
                else: d += (ch == '⟦') - (ch == '⟧'); cur += ch
            self.run(c.r.choice(parts + [cur]), row)
        elif b[0] == '*':
            n, sep, body = b[1:].split('~', 2)
            lo, hi = n.split('-')
            for q in range(c.r.randint(int(lo), int(hi))):
                if q: self.run(sep, row)
                c.row = q
                self.run(body, 'i%d' % q)
        elif b[0] == '=':
            a = self.pos; self.put(b[1:]); self.exc.append((a, self.pos))
        else:
            b, _, tag = b.partition('#')
            kind, _, arg = b.partition(':')
            tag = tag or None
            if tag == 'i': tag = row
            key = (kind, arg, tag)
            if tag is not None and key in c.cache and kind not in ('name', 'first', 'last', 'user', 'company', 'dom', 'L'): v = c.cache[key]
            else: v = c.cache[key] = value(c, kind, arg, tag)
            a = self.pos; self.put(v)
            if kind in LABELLED: self.spans.append([a, self.pos, LABELLED[kind]])
            elif kind in EXCUSE: self.exc.append((a, self.pos))

# ------------------------------------------------------------------ separate checks
def ck_luhn(s):
    s = re.sub(r'\D', '', s); t = 0
    for i in range(len(s)):
        x = int(s[-1 - i]) * (1 + i % 2)
        t += x // 10 + x % 10
    return t % 10 == 0
def ck_card(s):
    s = re.sub(r'[ -]', '', s)
    if not s.isdigit() or not ck_luhn(s): return False
    n = len(s)
    return bool((s[0] == '4' and n in (13, 16, 19)) or (n == 16 and (51 <= int(s[:2]) <= 55 or 2221 <= int(s[:4]) <= 2720 or s[:4] == '6011' or s[:2] == '65' or 3528 <= int(s[:4]) <= 3589)) or (n == 15 and s[:2] in ('34', '37')) or (n == 14 and s[:2] in ('36', '38', '30')))
def ck_iban(s):
    s = s.replace(' ', '').upper()
    if not re.fullmatch('[A-Z]{2}[0-9]{2}[A-Z0-9]+', s) or IBAN_LEN.get(s[:2]) != len(s): return False
    m = 0
    for ch in s[4:] + s[:4]:
        for q in (ch if ch.isdigit() else str(ord(ch) - 55)): m = (m * 10 + int(q)) % 97
    return m == 1
def ck_btc(s):
    if s.startswith('bc1'):
        v = [BECH.index(x) for x in s[3:]]
        return bech_poly([3, 3, 0, 2, 3] + v) == (1 if v[0] == 0 else 0x2bc830a3)
    n = 0
    for ch in s: n = n * 58 + B58.index(ch)
    b = n.to_bytes(25, 'big')
    return b[0] in (0, 5) and hashlib.sha256(hashlib.sha256(b[:21]).digest()).digest()[:4] == b[21:]
def ck_eth(s):
    if not re.fullmatch('0x[0-9a-fA-F]{40}', s): return False
    return s[2:] == s[2:].lower() or eip55(s[2:].lower()) == s
def ck_crypto(s): return ck_eth(s) if s.startswith('0x') else ck_btc(s)
def ck_ssn(s):
    s = s.replace('-', '')
    return len(s) == 9 and s.isdigit() and s[:3] not in ('000', '666') and s[0] != '9' and s[3:5] != '00' and s[5:] != '0000'
def ck_tax(s):
    s = s.replace(' ', '')
    if len(s) != 11 or s[0] == '0': return False
    c = 11 - p_final(s[:10])
    cnt = collections.Counter(s[:10])
    return int(s[10]) == c % 10 and sorted(cnt.values())[-1] in (2, 3)
def p_final(s):
    p = 10
    for ch in s:
        q = (p + int(ch)) % 10
        p = (2 * (q if q else 10)) % 11
    return p
def ck_dni(s):
    s = re.sub('[.-]', '', s)
    t = s.translate(str.maketrans('XYZ', '012')) if s[0] in 'XYZ' else s
    return len(s) == 9 and t[:8].isdigit() and 'TRWAGMYFPDXBNJZSQVHLCKE'[int(t[:8]) % 23] == s[-1]
def ck_cf(s):
    if not re.fullmatch('[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]', s): return False
    odd = {'0':1,'1':0,'2':5,'3':7,'4':9,'5':13,'6':15,'7':17,'8':19,'9':21,'A':1,'B':0,'C':5,'D':7,'E':9,'F':13,'G':15,'H':17,'I':19,'J':21,'K':2,'L':4,'M':18,'N':20,'O':11,'P':3,'Q':5+1,'R':8,'S':12,'T':14,'U':16,'V':10,'W':22,'X':25,'Y':24,'Z':23}
    t = 0
    for i in range(15): t += odd[s[i]] if i in (0,2,4,6,8,10,12,14) else '0123456789'.find(s[i]) if s[i].isdigit() else 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.find(s[i])
    return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[t % 26] == s[15]
def ck_nir(s):
    s = s.replace(' ', '')
    if not re.fullmatch(r'[12]\d{4}(\d\d|2[AB])\d{8}', s): return False
    b = s[:13].replace('2A', '19').replace('2B', '18') if s[5:7] in ('2A', '2B') else s[:13]
    return (int(b) + int(s[13:])) % 97 == 0 and 1 <= int(s[3:5]) <= 12
def ck_nhs(s):
    s = s.replace(' ', '')
    return len(s) == 10 and s.isdigit() and sum((10 - i) * int(s[i]) for i in range(9)) % 11 == (11 - int(s[9])) % 11
def ck_nino(s):
    s = s.replace(' ', '')
    return bool(re.fullmatch('(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z][0-9]{6}[A-D]', s))
def ck_bsn(s):
    s = s.replace('.', '')
    return len(s) == 9 and s.isdigit() and s != '0' * 9 and (sum(int(s[i]) * (9 - i) for i in range(8)) - int(s[8])) % 11 == 0
def ck_pesel(s):
    if not re.fullmatch(r'\d{11}', s): return False
    y, m, d = int(s[:2]), int(s[2:4]), int(s[4:6])
    try: datetime.date({0: 1900, 1: 2000, 2: 2100, 4: 1800}[m // 20] + y, m % 20, d)
    except Exception: return False
    return sum(int(s[i]) * int('13791379131'[i]) for i in range(11)) % 10 == 0
def ck_cpf(s):
    s = re.sub('[.-]', '', s)
    if len(s) != 11 or not s.isdigit() or len(set(s)) == 1: return False
    for n in (9, 10):
        t = sum(int(s[i]) * (n + 1 - i) for i in range(n)) * 10 % 11 % 10
        if t != int(s[n]): return False
    return True
def ck_aadhaar(s):
    s = s.replace(' ', ''); c = 0
    if len(s) != 12 or not s.isdigit() or s[0] in '01': return False
    for i, x in enumerate(s[::-1]): c = V_D[c][V_P[i % 8][int(x)]]
    return c == 0
def ck_pnr(s):
    s = s.replace('-', '').replace('+', '')
    t = s[2:] if len(s) == 12 else s
    if len(t) != 10 or not t.isdigit(): return False
    try: datetime.date(int(s[:4]) if len(s) == 12 else 1900 + int(t[:2]), int(t[2:4]), int(t[4:6]))
    except ValueError: return False
    return ck_luhn(t)
def ck_hetu(s):
    m = re.fullmatch(r'(\d\d)(\d\d)(\d\d)([-+A-FU-Y])(\d{3})([0-9A-Y])', s)
    if not m: return False
    try: datetime.date((2000 if m[4] in 'ABCDEF' else 1900) + int(m[3]), int(m[2]), int(m[1]))
    except ValueError: return False
    return '0123456789ABCDEFHJKLMNPRSTUVWXY'[int(m[1] + m[2] + m[3] + m[5]) % 31] == m[6]
def ck_mrz(s):
    a, _, b = s.partition('\n')
    if len(a) != 44 or len(b) != 44 or not a.startswith('P<'): return False
    def cd(t):
        w, q = [7, 3, 1], 0
        for i, ch in enumerate(t): q += w[i % 3] * ('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'.index(ch) if ch != '<' else 0)
        return str(q % 10)
    return cd(b[:9]) == b[9] and cd(b[13:19]) == b[19] and cd(b[21:27]) == b[27] and (b[42] == '<' or cd(b[28:42]) == b[42]) and cd(b[:10] + b[13:20] + b[21:43]) == b[43]
def ck_ip(s):
    import ipaddress
    try: return not (ipaddress.ip_address(s).is_loopback or ipaddress.ip_address(s).is_unspecified)
    except ValueError: return False
CHECK = dict(card=ck_card, iban=ck_iban, crypto=ck_crypto, us_ssn=ck_ssn, de_tax_id=ck_tax, es_dni=ck_dni, it_codice_fiscale=ck_cf, fr_nir=ck_nir, uk_nhs=ck_nhs, uk_nino=ck_nino, nl_bsn=ck_bsn, pl_pesel=ck_pesel, br_cpf=ck_cpf, in_aadhaar=ck_aadhaar, se_personnummer=ck_pnr, fi_hetu=ck_hetu, passport_mrz=ck_mrz, ip=ck_ip,
 email=lambda s: bool(re.fullmatch(r'[\w.+%-]+@[\w-]+(\.[\w-]+)+', s)),
 phone=lambda s: 7 <= len(re.sub(r'\D', '', s)) <= 15 and bool(re.fullmatch(r'[+\d() ./-]+', s)),
 address=lambda s: bool(re.search(r'\d', s)) and 8 <= len(s) <= 130,
 mac=lambda s: bool(re.fullmatch(r'([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}', s)),
 imei=lambda s: len(re.sub(r'\D', '', s)) == 15 and ck_luhn(s),
 secret=lambda s: len(s) >= 6 and s == s.strip(), url_credentials=lambda s: bool(re.fullmatch(r'[\w.-]+:[\w.!*-]+', s)),
 birth_date=lambda s: bool(re.search(r'\d', s)) and 8 <= len(s) <= 30)

BIRTHW = r'(?i)(?:born|birth|\bdob\b|geboren|geburt|\bgeb\.|n[ée]e? le|naissance|nacid[oa]|nacimiento|nascid[oa]|nascimento|nat[oa] (?:il|a)|nascita|urodz|\bur\.|född|fødsel|født|synty|narozen|geboorte)[^\n]{0,18}?(\d{1,4}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{1,2}\.? (?:de )?[a-zäéû]{3,12} (?:de )?\d{4})'
SCAN = [
 ('email', r'[\w.+%-]+@[\w-]+(?:\.[\w-]+)+', None),
 ('ip', r'(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)', lambda s: all(int(x) < 256 for x in s.split('.')) and s not in ('127.0.0.1', '0.0.0.0', '255.255.255.255') and not s.startswith('255.')),
 ('ip6', r'(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){4,}[0-9a-f:]+', lambda s: ck_ip(s)),
 ('mac', r'(?i)(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])', lambda s: len(set(re.sub('[:-]', '', s))) > 1),
 ('card', r'(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])', lambda s: ck_card(s) or (len(re.sub(r'\D', '', s)) == 15 and ck_luhn(s))),
 ('iban', r'(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]{1,4}){3,8}(?!\w)', ck_iban),
 ('ssn', r'(?<![\w-])\d{3}-\d\d-\d{4}(?![\w-])', ck_ssn),
 ('cpf', r'(?<!\d)\d{3}\.\d{3}\.\d{3}-\d\d(?!\d)', ck_cpf),
 ('dni', r'(?<!\w)(?:\d{8}|[XYZ]\d{7})-?[A-Z](?!\w)', ck_dni),
 ('nino', r'(?<!\w)[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)', ck_nino),
 ('cf', r'(?<!\w)[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z](?!\w)', ck_cf),
 ('nir', r'(?<!\w)[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d(?!\w)', ck_nir),
 ('pnr', r'(?<![\w-])(?:\d\d)?\d{6}[-+]\d{4}(?![\w-])', ck_pnr),
 ('hetu', r'(?<!\w)\d{6}[-+A-F]\d{3}[0-9A-Y](?!\w)', ck_hetu),
 ('digits', r'(?<![\w.-])\d{9,12}(?![\w.-])', lambda s: (len(s) == 9 and ck_bsn(s)) or (len(s) == 10 and (ck_nhs(s) or ck_pnr(s))) or (len(s) == 11 and (ck_pesel(s) or ck_cpf(s) or ck_tax(s))) or (len(s) == 12 and (ck_aadhaar(s) or ck_pnr(s)))),
 ('aadhaar', r'(?<![\w ])\d{4} \d{4} \d{4}(?![\w ])', ck_aadhaar),
 ('phone', r'(?<![\w+])\+[1-9]\d{0,2}[ .(/-]*\d(?:[ ().\-/]*\d){6,12}|\(\d{3}\) ?\d{3}-\d{4}', None),
 ('secret', r'(?:AKIA|ASIA)[A-Z2-7]{16}|gh[pos]_\w{36}|glpat-|xox[bp]-\d|sk_live_\w{10}|AIza[\w-]{35}|-----BEGIN|eyJ[\w-]+\.eyJ|hf_\w{30}|npm_\w{30}|SG\.[\w-]{20}|dop_v1_|shpat_', None),
 ('eth', r'(?<!\w)0x[0-9a-fA-F]{40}(?!\w)', None), ('btc', r'(?<!\w)(?:bc1[a-z0-9]{30,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)', None),
 ('urlc', r'://[^/\s:@]+:[^/\s@]+@', None),
 ('dob', BIRTHW, None),
]
SCAN = [(a, re.compile(b), c) for a, b, c in SCAN]
FAILS = collections.Counter()
def problems(text, spans, exc):
    last = 0
    for s, e, t in spans:
        if s < last or e <= s: return 'overlap'
        last = e
        if not CHECK[t](text[s:e]): return 'check %s %r' % (t, text[s:e])
        if t not in ('address', 'passport_mrz', 'secret') and '\n' in text[s:e]: return 'newline'
        if t == 'imei' or t == 'card' or t in ('us_ssn', 'nl_bsn', 'uk_nhs', 'pl_pesel', 'de_tax_id', 'phone'):
            if (s and text[s-1].isalnum()) or (e < len(text) and text[e].isalnum()): return 'glued %r' % text[max(0, s-5):e+5]
    m = list(text)
    for s, e, *_ in list(spans) + list(exc):
        for i in range(s, e): m[i] = '\x00' if m[i] != '\n' else '\n'
    m = ''.join(m)
    for name, rx, ok in SCAN:
        for h in rx.finditer(m):
            if '\x00' in h.group(): continue
            v = h.group(1) if rx.groups else h.group()
            if ok is None or ok(v): return 'accident %s %r' % (name, m[max(0, h.start()-20):h.end()+10])
    for s, e, t in spans:
        v = text[s:e]
        if len(v) >= 6:
            i = text.find(v)
            while i >= 0:
                if not any(a <= i and i + len(v) <= b for a, b, _ in spans) and not any(a < i + len(v) and i < b for a, b in exc): return 'unlabelled repeat %r' % v
                i = text.find(v, i + 1)
    return None

def make(r, tpl, hard):
    tid, locs, reg, t = tpl
    if hard and reg in ('secret', 'net', 'date', 'address') and r.random() < .4:  # a longer one
        t = t + '\n\n' + r.choice([x for x in HARD if x[2] == reg and x[1] == locs and x[0] != tid] or [tpl])[3]
    for k in range(60):
        c = Ctx(r, r.choice(locs)); R = Render(c)
        body = t
        if not hard and reg in ('email', 'letter', 'ticket', 'forum') and r.random() < .2:
            f = r.choice(FILL[c.lang]); body = body + '\n' + ('' if reg == 'chat' else '\n') + f
        R.run(body)
        text = ''.join(R.out)
        p = problems(text, R.spans, R.exc)
        if p is None and hard and R.spans: p = 'hard with spans'
        if p is None: return c, text, R.spans
        FAILS[tid + ' ' + p[:90]] += 1
    raise SystemExit('template %s cannot be drawn: %s' % (tid, p))

# ================================================================== templates: structured, all locales
T('csv', '*', r'''
⟦L:cust⟧;⟦L:name⟧;⟦L:dob⟧;⟦L:phone⟧;⟦L:email⟧
⟦*3-7~
~⟦num:5⟧;⟦name#i⟧;⟦dob:num#i⟧;⟦phone#i⟧;⟦email#i⟧⟧''', r'''
id,first_name,last_name,email,mobile,street,city,created_at
⟦*3-7~
~⟦num:4⟧,⟦first#i⟧,⟦last#i⟧,⟦email#i⟧,⟦phone:intl#i⟧,"⟦addr:street⟧",⟦city⟧,⟦dt⟧⟧''', r'''
⟦L:name⟧,⟦L:addr⟧,⟦L:phone⟧,⟦L:note⟧
⟦*2-5~
~"⟦name⟧","⟦addr⟧","⟦phone⟧","⟦?|VIP|⟦fill⟧⟧"⟧''', r'''
email;iban;⟦L:name⟧
⟦*3-7~
~⟦email#i⟧;⟦iban⟧;⟦name#i⟧⟧''', r'''
"⟦L:last⟧","⟦L:first⟧","⟦L:dob⟧","⟦L:mobile⟧"
⟦*3-6~
~"⟦last⟧","⟦first⟧","⟦dob⟧","⟦phone:m⟧"⟧''')
T('tsv', '*', '⟦L:name⟧\t⟦L:phone⟧\t⟦L:email⟧\t⟦L:ip⟧\n⟦*3-7~\n~⟦name#i⟧\t⟦phone#i⟧\t⟦email#i⟧\t⟦ip:pub⟧⟧',
 '⟦L:cust⟧\t⟦L:name⟧\t⟦L:addr⟧\t⟦L:dob⟧\n⟦*3-4~\n~⟦num:6⟧\t⟦name#i⟧\t⟦addr⟧\t⟦dob:num⟧⟧')
T('json', '*', r'''
{"customer": {"id": ⟦num:6⟧, "name": "⟦name#1⟧", "birthDate": "⟦dob:iso⟧", "email": "⟦email#1⟧", "phone": "⟦phone⟧"}, "order": "⟦order⟧", "total": "⟦amt⟧"}''', r'''
[
⟦*2-5~,
~  {"name": "⟦name#i⟧", "contact": {"tel": "⟦phone#i⟧", "mail": "⟦email#i⟧"}, "address": "⟦addr⟧"}⟧
]''', r'''
{
  "event": "user.login",
  "ts": "⟦dt:T⟧Z",
  "user": {"login": "⟦user#1⟧", "email": "⟦email#1⟧"},
  "client_ip": "⟦ip:pub⟧",
  "device": {"mac": "⟦mac⟧", "os": "⟦?Windows 11|Android 14|iOS 17.5⟧"},
  "session": "⟦uuid⟧"
}''', r'''
{"shipTo": {"recipient": "⟦name#1⟧", "street": "⟦addr:street⟧", "city": "⟦city⟧", "phoneNumber": "⟦phone⟧"}, "weight_kg": ⟦int:1-20⟧, "tracking": "JJD⟦num:14⟧"}''', r'''
{"messages": [{"role": "user", "content": "⟦?Hi|Hallo|Bonjour|Hola⟧, ⟦name#1⟧, ⟦email#1⟧"}, {"role": "assistant", "content": "OK ⟦first#1⟧"}, {"role": "user", "content": "Tel: ⟦phone#1⟧"}]}''', r'''
{"payer":"⟦name#1⟧","iban":"⟦iban:plain⟧","amount":"⟦amt⟧","reference":"⟦order⟧","contact_email":"⟦email#1⟧"}
{"payer":"⟦name#2⟧","iban":"⟦iban:plain⟧","amount":"⟦amt⟧","reference":"⟦order⟧","contact_email":"⟦email#2⟧"}''')
T('xml', '*', r'''
<?xml version="1.0" encoding="UTF-8"?>
<contacts>
⟦*2-3~
~  <contact id="⟦num:4⟧">
    <name>⟦name#i⟧</name>
    <birthday>⟦dob:iso⟧</birthday>
    <phone type="mobile">⟦phone⟧</phone>
    <email>⟦email#i⟧</email>
  </contact>⟧
</contacts>''', r'''
<Order number="⟦num:7⟧">
  <Delivery>
    <Name>⟦name#1⟧</Name>
    <Address>⟦addr⟧</Address>
    <Phone>⟦phone⟧</Phone>
  </Delivery>
  <Payment method="card"><CardNumber>⟦card:plain⟧</CardNumber><Expiry>⟦int:10-12⟧/⟦int:26-31⟧</Expiry></Payment>
</Order>''')
T('yaml', '*', r'''
customer:
  name: ⟦name#1⟧
  date_of_birth: ⟦dob:iso⟧
  contact:
    email: ⟦email#1⟧
    phone: "⟦phone⟧"
  address: ⟦addr⟧
  newsletter: false''', r'''
employees:
⟦*2-5~
~  - name: "⟦name#i⟧"
    email: ⟦email:work#i⟧
    extension: ⟦int:100-799⟧
    mobile: '⟦phone:m#i⟧'
    birthday: ⟦dob:iso⟧⟧''')
T('mdtable', '*', r'''
| ⟦L:name⟧ | ⟦L:dob⟧ | ⟦L:phone⟧ | ⟦L:email⟧ |
|---|---|---|---|
⟦*3-6~
~| ⟦name#i⟧ | ⟦dob⟧ | ⟦phone⟧ | ⟦email#i⟧ |⟧''', r'''
| # | ⟦L:name⟧ | ⟦L:addr⟧ | ⟦L:mobile⟧ |
|--:|:-----|:------|:------|
⟦*2-5~
~| ⟦n⟧ | ⟦name⟧ | ⟦addr⟧ | ⟦phone:m⟧ |⟧''')
T('sql', '*', r'''
INSERT INTO customers (id, name, email, phone, birthdate) VALUES
⟦*2-5~,
~(⟦num:4⟧, '⟦name:noq#i⟧', '⟦email#i⟧', '⟦phone⟧', '⟦dob:iso⟧')⟧;''', r'''
UPDATE contacts SET phone = '⟦phone⟧', email = '⟦email⟧' WHERE customer_id = ⟦num:5⟧;
UPDATE contacts SET address = '⟦addr:noq⟧' WHERE customer_id = ⟦num:5⟧;''', r'''
COPY public.patients (id, full_name, date_of_birth, home_phone) FROM stdin;
''' + '⟦*3-7~\n~⟦num:4⟧\t⟦name#i⟧\t⟦dob:iso⟧\t⟦phone⟧⟧\n\\.')
T('vcard', '*', r'''
BEGIN:VCARD
VERSION:3.0
N:⟦last#1⟧;⟦first#1⟧;;;
FN:⟦name#1⟧
ORG:⟦company⟧
TEL;TYPE=CELL:⟦phone⟧
TEL;TYPE=WORK:⟦phone⟧
EMAIL:⟦email#1⟧
BDAY:⟦dob:iso⟧
END:VCARD''', r'''
BEGIN:VCARD
VERSION:4.0
FN:⟦name#1⟧
TEL;VALUE=uri;TYPE="voice,home":tel:⟦phone:intl⟧
EMAIL;TYPE=home:⟦email#1⟧
LABEL:⟦addr:c⟧
END:VCARD''')
T('form', '*', r'''
⟦L:name⟧: ⟦name#1⟧
⟦L:dob⟧: ⟦dob⟧
⟦L:addr⟧: ⟦addr⟧
⟦L:phone⟧: ⟦phone⟧
⟦L:email⟧: ⟦email#1⟧''', r'''
[x] ⟦L:cust⟧ ⟦num:6⟧
⟦L:last⟧ ........ ⟦last#1⟧
⟦L:first⟧ ....... ⟦first#1⟧
⟦L:dob⟧ ......... ⟦dob:num⟧
⟦L:mobile⟧ ...... ⟦phone:m⟧
⟦L:addr⟧ ........ ⟦addr⟧''', r'''
⟦company⟧ - ⟦L:cust⟧ ⟦num:5⟧

⟦L:name⟧
  ⟦name#1⟧
⟦L:addr⟧
  ⟦addr:ind2⟧
⟦L:phone⟧
  ⟦phone⟧
IBAN
  ⟦iban⟧''', r'''
**⟦L:name⟧:** ⟦name#1⟧
**⟦L:email⟧:** ⟦email#1⟧
**⟦L:phone⟧:** ⟦phone⟧
**⟦L:user⟧:** ⟦user#1⟧
**⟦L:pw⟧:** ⟦pw⟧''', r'''
⟦L:user⟧: ⟦user#1⟧
⟦L:pw⟧: ⟦pw⟧
⟦L:ip⟧: ⟦ip⟧
⟦L:date⟧: ⟦date⟧''', r'''
⟦L:card⟧: ⟦card⟧
⟦L:name⟧: ⟦name#1⟧
⟦L:addr⟧: ⟦addr⟧''', r'''
⟦L:name⟧ ⟦name#1⟧ | ⟦L:dob⟧ ⟦dob⟧ | ⟦L:mobile⟧ ⟦phone:m⟧ | IBAN ⟦iban⟧''')
T('html', '*', r'''
<div class="contact-card">
  <h3>⟦name#1⟧</h3>
  <p>⟦company⟧</p>
  <p><a href="mailto:⟦email:work#1⟧">⟦email:work#1⟧</a></p>
  <p><a href="tel:⟦phone:intl#1⟧">⟦phone:intl#1⟧</a></p>
</div>''', r'''
<table>
<tr><th>⟦L:name⟧</th><th>⟦L:dob⟧</th><th>⟦L:phone⟧</th></tr>
⟦*2-5~
~<tr><td>⟦name⟧</td><td>⟦dob⟧</td><td>⟦phone⟧</td></tr>⟧
</table>''', r'''
<footer>
  <address>⟦company⟧<br/>
  ⟦addr⟧</address>
  <p>⟦L:phone⟧: ⟦phone⟧ &middot; <a href="mailto:⟦email:role⟧?subject=Info">⟦email:role⟧</a></p>
</footer>''')
T('signature', '*', r'''
--
⟦name#1⟧
⟦company⟧
⟦addr⟧
T ⟦phone⟧ · M ⟦phone⟧
⟦email:work#1⟧ · www.⟦dom⟧''', r'''
⟦name#1⟧ | ⟦company⟧
⟦L:phone⟧: ⟦phone⟧ | ⟦L:email⟧: ⟦email:work#1⟧
⟦addr:c⟧''', r'''
⟦company⟧
⟦pobox⟧
⟦L:phone⟧ ⟦phone⟧
⟦email:role⟧''')
T('ini', '*', r'''
[user]
name = ⟦name#1⟧
email = ⟦email:work#1⟧
phone = ⟦phone⟧

[auth]
password = ⟦pw:cfg⟧
last_ip = ⟦ip⟧''')
T('invoice', '*', r'''
⟦company⟧
⟦addr:ml⟧

⟦name#1⟧
⟦addr:ml⟧

⟦L:date⟧: ⟦date⟧        ⟦L:cust⟧: ⟦num:6⟧

1 x ⟦product⟧     ⟦amt⟧

IBAN: ⟦iban⟧
⟦L:phone⟧: ⟦phone⟧   ⟦email:role⟧''')

# ================================================================== templates: English prose, tickets, chats
T('ticket', 'en', r'''
Ticket ⟦ticket⟧ - ⟦?open|pending|escalated⟧
Customer: ⟦name#1⟧ (⟦email#1⟧)

Customer called from ⟦phone⟧, says the ⟦product⟧ arrived damaged. Wants a replacement sent to ⟦addr⟧. Order ⟦order⟧.''', r'''
Hi support team,

I ordered your ⟦product⟧ on ⟦date⟧ (order ⟦order⟧) and it never showed up. The tracking page says delivered but nobody was home. Please ring me on ⟦phone⟧ ⟦?after 5pm|any time|in the mornings⟧.

Thanks,
⟦name#1⟧
⟦email#1⟧''', r'''
Subject: Change of address

Hello, we've moved! Our old address was ⟦addr⟧. From next month please send everything to ⟦addr⟧. Account number ⟦num:8⟧.

Regards, ⟦name#1⟧''', r'''
Internal note (agent ⟦first⟧): verified caller by DOB ⟦dob⟧ and postcode. Callback number is ⟦phone⟧. Refund of ⟦amt⟧ approved, ref ⟦order⟧.''', r'''
[⟦dt⟧] Ticket created via web form
Name: ⟦name#1⟧
Reply-to: ⟦email#1⟧
Message: I can't log in any more. You guys sent me a temp password (⟦pw⟧) but it's rejected every time. Browser is Chrome ⟦chr⟧, if that matters.''', r'''
URGENT - card charged twice

My card ⟦card⟧ was charged ⟦amt⟧ twice on ⟦date⟧. I want one payment reversed ASAP. You can reach me at ⟦email#1⟧ or ⟦phone⟧.
⟦name#1⟧''', r'''
Device report: phone stolen on the ⟦?bus|train|tube⟧. IMEI ⟦imei⟧. Please block it. Owner ⟦name#1⟧, contact ⟦email#1⟧.''', r'''
Please blacklist the following handsets:

1) IMEI: ⟦imei⟧ (⟦?Galaxy S23|iPhone 14|Pixel 8⟧)
2) IMEI: ⟦imei⟧ (⟦?Xperia 1|iPhone 12 mini|Redmi Note 12⟧)

Requested by ⟦email⟧''')
T('chat', 'en', r'''
User: hi my internet is down again
Agent: Sorry to hear that! Could you give me your full name and date of birth please?
User: ⟦name#1⟧, ⟦dob⟧
Agent: Thanks ⟦first#1⟧. And the number we can reach you on?
User: ⟦phone⟧
Agent: Perfect, a technician will call you back.''', r'''
⟦first#1⟧: yo whats ur new number
⟦first#2⟧: ⟦phone⟧
⟦first#1⟧: k saved. party still at urs?
⟦first#2⟧: ya ⟦addr:street⟧, buzzer is broken so txt me''', r'''
Agent: What's the best email for the confirmation?
Customer: ⟦email⟧
Agent: Got it. And where should the courier deliver?
Customer: ⟦addr⟧
Agent: Great, expect it on ⟦?Tuesday|Thursday|Monday⟧.''', r'''
[⟦time⟧] ⟦first#1⟧: can someone send me the wifi password for the guest network
[⟦time⟧] ⟦first#2⟧: it's ⟦pw⟧
[⟦time⟧] ⟦first#1⟧: thx 🙏''', r'''
<⟦first#1⟧> hey what's the login for staging?
<⟦first#2⟧> user is ⟦user#3⟧, pw is ⟦pw⟧
<⟦first#1⟧> cheers, and the box?
<⟦first#2⟧> ⟦ip:priv⟧, ssh on 2222''', r'''
Human: Can you draft a message to my landlord? My name is ⟦name#1⟧, I live at ⟦addr⟧ and the heating is broken. He should call me on ⟦phone⟧.
Assistant: Sure! Here is a draft:

"Dear Sir or Madam, I am the tenant at your property. The heating has not worked since ⟦date⟧. Please contact me as soon as possible. Kind regards, ⟦name#1⟧"''', r'''
Bot: To verify your identity, please tell me your date of birth.
You: ⟦dob⟧
Bot: Thank you. What is the mobile number on the account?
You: ⟦phone:m⟧
Bot: I found your account. How can I help?''', r'''
Caller: I'd like to pay with my card.
Agent: Of course, go ahead with the long number.
Caller: ⟦card⟧
Agent: Expiry?
Caller: ⟦int:10-12⟧/⟦int:26-31⟧
Agent: And the billing address?
Caller: ⟦addr⟧''', r'''
#general
⟦first#1⟧ ⟦time⟧
  anyone got ⟦first#2⟧'s cell? need to reach her before the demo
⟦first#3⟧ ⟦time⟧
  ⟦phone⟧ - or mail ⟦email#2⟧''', r'''
⟦first#1⟧: send the btc to ⟦btc⟧
⟦first#2⟧: sure its the right one? last time u gave me ⟦btc⟧
⟦first#1⟧: yeah use the first one''', r'''
Mum: whens grandads birthday again for the form, need the year
Me: ⟦dob⟧
Mum: ta. and his mobile?
Me: ⟦phone⟧''', r'''
Agent: For security, can you confirm the IBAN we should refund to?
User: ⟦iban⟧
Agent: And the account is in your name?
User: yes, ⟦name⟧''', r'''
Doctor's office: What is the patient's date of birth?
Caller: She was born on ⟦dob:long⟧.
Doctor's office: And a contact number in case we need to move the appointment?
Caller: Use mine, ⟦phone⟧.''')
T('email', 'en', r'''
From: ⟦name#1⟧ <⟦email:work#1⟧>
To: ⟦name#2⟧ <⟦email#2⟧>
Date: ⟦date:long⟧
Subject: Re: Appointment

Hi ⟦first#2⟧,

Confirmed for ⟦?Monday|Wednesday⟧ at ⟦time⟧. Our office is at ⟦addr⟧. If you are late just call ⟦phone⟧.

Best,
⟦first#1⟧''', r'''
Hi ⟦first#2⟧,

Your account has been created. Your user name is ⟦user#2⟧ and your temporary password is ⟦pw⟧. You'll be asked to change it at first login.

IT Service Desk
ext. ⟦int:1000-9999⟧ / ⟦phone⟧ / ⟦email:role⟧''', r'''
Dear ⟦first#1⟧,

here are the guests for the visa letter:
⟦*2-4~
~- ⟦name⟧, born ⟦dob:long⟧⟧

Could you also add my mobile (⟦phone:m⟧) as emergency contact?

⟦name#2⟧''', r'''
On ⟦date⟧ ⟦name#1⟧ <⟦email#1⟧> wrote:
> Can you forward this to ⟦email#2⟧ and cc ⟦email#3⟧?
> My direct line is ⟦phone⟧.

Done.''', r'''
Subject: your API access

Hi,
as discussed, here is your production key: ⟦sec:an⟧
Please don't share it. The endpoint only accepts traffic from ⟦ip:pub⟧ and ⟦ip:pub⟧.

⟦name#1⟧
⟦company⟧, ⟦addr⟧''', r'''
Hello ⟦first#1⟧,

We have a parcel for you at the depot. Sender: ⟦company⟧, ⟦addr⟧. To rearrange delivery, phone ⟦phone⟧ quoting ⟦order⟧ or write to ⟦email:role⟧.''', r'''
Hi all,
the VPN shared secret has been rotated, the new one is ⟦pw⟧ . Gateway stays ⟦ip:pub⟧. Questions to ⟦email:work#1⟧.
/⟦first#1⟧''', r'''
Subject: Donation

We accept crypto as well. ETH wallet: ⟦eth⟧, BTC address: ⟦btc⟧. For a tax receipt, email ⟦email:role⟧ with your postal address.''')
T('letter', 'en', r'''
⟦name#1⟧
⟦addr:ml⟧

⟦date:long⟧

⟦company⟧
⟦addr:ml⟧

Dear Sir or Madam,

I am writing to cancel my membership no. ⟦num:7⟧ with immediate effect. Please confirm in writing to the address above or by e-mail to ⟦email#1⟧.

Yours faithfully,
⟦name#1⟧''', r'''
RE: ⟦name#1⟧, DOB ⟦dob⟧

Dear Dr ⟦last#2⟧,

Thank you for referring this pleasant ⟦int:31-79⟧ year old ⟦?lady|gentleman⟧ with intermittent chest pain. ECG was normal. BP 132/84. I have started ramipril 2.5 mg and will review in six weeks. The patient can be reached on ⟦phone⟧.

Yours sincerely
Dr ⟦name#3⟧''', r'''
MEDICAL REPORT
Patient: ⟦name#1⟧    D.O.B.: ⟦dob⟧    MRN: ⟦num:7⟧
Address: ⟦addr⟧
Phone: ⟦phone⟧

History: ⟦int:30-79⟧-year-old presenting with lower back pain for 3 weeks. No red flags.
Plan: physiotherapy, paracetamol 1 g up to four times daily.''', r'''
TENANCY AGREEMENT

This agreement is made on ⟦date:long⟧ between ⟦name#1⟧ of ⟦addr⟧ ("the Landlord") and ⟦name#2⟧, born ⟦dob:long⟧, ("the Tenant") for the property known as ⟦addr⟧. Rent: ⟦amt⟧ per month, payable to IBAN ⟦iban:GB⟧.''', r'''
To whom it may concern,

this is to confirm that ⟦name#1⟧ (born on ⟦dob:long⟧) has been employed with ⟦company⟧ since ⟦date⟧. For verification please contact our HR department, ⟦phone⟧, ⟦email:role⟧.

⟦company⟧
⟦pobox⟧''')
T('cv', 'en', r'''
⟦name#1⟧
⟦addr⟧ | ⟦phone⟧ | ⟦email#1⟧

PROFILE
Results-driven project manager with ⟦int:4-20⟧ years of experience.

EXPERIENCE
2019 - present  ⟦company⟧, Senior Project Manager
2014 - 2019     Team lead, logistics

EDUCATION
2010 BSc Economics''', r'''
CURRICULUM VITAE

Personal details
Name:            ⟦name#1⟧
Date of birth:   ⟦dob⟧
Nationality:     ⟦?Irish|British|Indian|Canadian⟧
Mobile:          ⟦phone:m⟧
E-mail:          ⟦email#1⟧

References
⟦name#2⟧, ⟦company⟧, ⟦phone⟧''')
T('forum', 'en', r'''
Re: landlord won't return deposit
Posted by ⟦user#1⟧ » ⟦date⟧

Happened to me too. Try the tenants' helpline, ⟦phone⟧, they were great. Or write to them: ⟦addr⟧. PM me or mail ⟦email#1⟧ if you want a copy of my letter.''', r'''
WTS: ⟦product⟧, barely used, ⟦amt⟧ ono. Pick up only from ⟦addr:sc⟧. Text me on ⟦phone⟧, no timewasters.''', r'''
Has anyone been scammed by this number? ⟦phone⟧ keeps calling me saying they are from "the bank". Then I got an email from ⟦email⟧ asking for my PIN. Be careful!!''', r'''
Lost cat near the park!! Grey tabby, answers to Momo. If you see her please call ⟦first#1⟧ ⟦phone⟧ or bring her to ⟦addr⟧. Reward!''', r'''
⭐⭐☆☆☆ "Never again"
Ordered online, the courier left it at number ⟦int:2-90⟧ down the road. Called ⟦phone⟧ five times, no answer. In the end ⟦email:role⟧ replied after two weeks.''', r'''
anyone else seeing brute force attempts from ⟦ip:pub⟧ and ⟦ip:pub⟧? my fail2ban is going crazy. reported to abuse contact ⟦email⟧, no reply yet''')
T('transcript', 'en', r'''
[00:00:04] Operator: Good morning, ⟦company⟧, how can I help?
[00:00:09] Caller: Hi, I need to update my details.
[00:00:13] Operator: Sure. Date of birth?
[00:00:16] Caller: ⟦dob:long⟧.
[00:00:21] Operator: And the new phone number?
[00:00:24] Caller: It's ⟦phone:spaced⟧.
[00:00:30] Operator: New address?
[00:00:33] Caller: ⟦addr⟧.''', r'''
1
00:00:12,300 --> 00:00:15,900
Call the studio now on ⟦phone⟧

2
00:00:16,100 --> 00:00:19,400
or write to ⟦email:role⟧

3
00:00:19,600 --> 00:00:22,000
and win this ⟦product⟧!''', r'''
INTERVIEWER: State your name and date of birth for the record.
WITNESS: ⟦name#1⟧, ⟦dob:long⟧.
INTERVIEWER: Where do you live?
WITNESS: At ⟦addr⟧.
INTERVIEWER: And what is your telephone number?
WITNESS: ⟦phone⟧.''')
T('ocr', 'en', r'''
PATIENT REGISTRATI0N
Narne: ⟦name:up#1⟧
D0B : ⟦dob:num⟧     Sex: ⟦?M|F⟧
Tel : ⟦phone⟧
Addr: ⟦addr⟧
Emai1: ⟦email#1⟧''', r'''
⟦company⟧
⟦addr:ml⟧
Tel: ⟦phone⟧

RECEIPT  ⟦date⟧ ⟦time⟧
1 COFFEE         3.20
1 SANDWICH       5.40
TOTAL            8.60
VISA ************⟦num:4⟧
THANK Y0U''', r'''
BUSINESS CARD SCAN
⟦name#1⟧ , Sales Director
⟦company⟧
⟦addr⟧
o: ⟦phone⟧  c: ⟦phone⟧
⟦email:work#1⟧''')
T('note', 'en', r'''
Meeting notes ⟦date⟧
- ⟦first#1⟧ to call the caterer (⟦phone⟧)
- venue: ⟦addr⟧
- send invites to ⟦email⟧, ⟦email⟧
- budget ⟦amt⟧''', r'''
Emergency contacts
⟦*2-4~
~⟦name⟧ (⟦?mother|brother|neighbour|partner⟧) - ⟦phone⟧⟧
Doctor: Dr ⟦last⟧, ⟦addr⟧, ⟦phone⟧''', r'''
Birthday list
⟦*4-8~
~* ⟦name⟧ - born ⟦dob⟧⟧''', r'''
CRM activity: left voicemail for ⟦name#1⟧ at ⟦phone⟧ ext. ⟦int:10-999⟧. Will follow up via ⟦email#1⟧ on ⟦date⟧.''', r'''
Home inventory / accounts
Netflix - ⟦email#1⟧ / ⟦pw⟧
Bank - login ⟦num:8⟧, password: ⟦pw⟧
Router admin password: ⟦pw⟧
Garage code changed in May''', r'''
PRESS RELEASE - ⟦company⟧ opens new site in ⟦city⟧

The new office at ⟦addr⟧ will employ ⟦int:20-300⟧ people. Media contact: ⟦name#1⟧, ⟦phone⟧, ⟦email:work#1⟧.''', r'''
Birth announcement: ⟦first#1⟧ ⟦last#2⟧, born on ⟦dob:baby⟧ at ⟦time⟧, 3.4 kg, 51 cm. Mum and baby are both fine. Cards welcome: ⟦addr⟧.''', r'''
Missing person: ⟦name#1⟧, date of birth ⟦dob⟧, last seen in ⟦city⟧ on ⟦date⟧. Anyone with information please call ⟦phone⟧.''', r'''
Passenger list
⟦*4-7~
~⟦n⟧. ⟦last:up#i⟧/⟦first:up#i⟧  DOB ⟦dob⟧  Tel ⟦phone:intl⟧⟧''')

# ================================================================== templates: logs, code, configuration
T('log', 'en', r'''
⟦*4-8~
~⟦ip:pub⟧ - - [⟦int:10-28⟧/Mar/2024:⟦hms⟧ +0000] "GET /⟦?index.html|api/v2/orders|login|img/logo@2x.png⟧ HTTP/1.1" ⟦?200|301|404⟧ ⟦num:4⟧ "-" "Mozilla/5.0 (X11; Linux x86_64) Chrome/⟦chr⟧ Safari/537.36"⟧''', r'''
⟦dt⟧ sshd[⟦num:4⟧]: Failed password for ⟦?root|invalid user admin|ubuntu⟧ from ⟦ip:pub#1⟧ port ⟦num:5⟧ ssh2
⟦dt⟧ sshd[⟦num:4⟧]: Connection closed by ⟦ip:pub#1⟧ port ⟦num:5⟧ [preauth]
⟦dt⟧ sshd[⟦num:4⟧]: Accepted publickey for ⟦user⟧ from ⟦ip:priv⟧ port ⟦num:5⟧ ssh2''', r'''
dhcpd: DHCPDISCOVER from ⟦mac:col#1⟧ via eth0
dhcpd: DHCPOFFER on ⟦ip:priv#1⟧ to ⟦mac:col#1⟧ (⟦host⟧) via eth0
dhcpd: DHCPACK on ⟦ip:priv#1⟧ to ⟦mac:col#1⟧ via eth0''', r'''
Jun ⟦int:10-28⟧ ⟦hms⟧ mx1 postfix/smtp[⟦num:5⟧]: ⟦hex:10⟧: to=<⟦email⟧>, relay=mail.⟦dom⟧[⟦ip:pub⟧]:25, delay=1.2, dsn=2.0.0, status=sent
Jun ⟦int:10-28⟧ ⟦hms⟧ mx1 postfix/smtp[⟦num:5⟧]: ⟦hex:10⟧: to=<⟦email⟧>, relay=none, delay=30, status=deferred''', r'''
⟦dt⟧ INFO  [http-nio-8080-exec-⟦int:1-20⟧] c.e.auth.LoginService - user=⟦email⟧ ip=⟦ip:pub⟧ result=OK traceId=⟦hex:16⟧
⟦dt⟧ WARN  [http-nio-8080-exec-⟦int:1-20⟧] c.e.auth.LoginService - user=⟦email⟧ ip=⟦ip6⟧ result=BAD_CREDENTIALS
⟦dt⟧ DEBUG [scheduler-1] c.e.mail.Mailer - sending reset link to ⟦email⟧''', r'''
$ ip addr show
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    link/ether ⟦mac:col⟧ brd ff:ff:ff:ff:ff:ff
    inet ⟦ip:priv⟧/24 scope global eth0
    inet6 ⟦ip6⟧/64 scope link''', r'''
C:\> ipconfig /all
   Physical Address. . . . . . . . . : ⟦mac:HY⟧
   IPv4 Address. . . . . . . . . . . : ⟦ip:priv⟧(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . : ⟦ip:priv⟧
   DHCPv6 IAID . . . . . . . . . . . : ⟦num:9⟧''', r'''
switch01# show mac address-table
Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
⟦*3-5~
~ ⟦int:10-99⟧    ⟦mac:cisco⟧    DYNAMIC     Gi1/0/⟦int:1-48⟧⟧''', r'''
traceroute to ⟦dom⟧ (⟦ip:pub#9⟧), 30 hops max
 1  gw (⟦ip:priv⟧)  0.412 ms
 2  ⟦ip:pub⟧ (⟦ip:pub⟧)  5.221 ms
 3  ⟦dom⟧ (⟦ip:pub#9⟧)  11.802 ms''', r'''
⟦dt:T⟧Z ERROR payment failed order=⟦num:7⟧ card=⟦card:plain⟧ customer=⟦email⟧ reason=do_not_honor
⟦dt:T⟧Z INFO  payment ok order=⟦num:7⟧ card=⟦card:plain⟧ customer=⟦email⟧''', r'''
⟦dt⟧ [sms-gateway] to=⟦phone:intl⟧ status=DELIVERED msgid=⟦hex:12⟧
⟦dt⟧ [sms-gateway] to=⟦phone:intl⟧ status=FAILED msgid=⟦hex:12⟧ err=30005
⟦dt⟧ [sms-gateway] to=⟦phone:intl⟧ status=QUEUED msgid=⟦hex:12⟧''', r'''
hostapd: wlan0: STA ⟦mac:col#1⟧ IEEE 802.11: authenticated
hostapd: wlan0: STA ⟦mac:col#1⟧ IEEE 802.11: associated (aid 3)
hostapd: wlan0: STA ⟦mac:col⟧ IEEE 802.11: disassociated
IPv6: neighbour ⟦ip6⟧ lladdr ⟦mac:col#1⟧ REACHABLE''', r'''
arp -a
? (⟦ip:priv⟧) at ⟦mac:col⟧ [ether] on en0
⟦host⟧.lan (⟦ip:priv⟧) at ⟦mac:col⟧ [ether] on en0
printer.lan (⟦ip:priv⟧) at ⟦mac:COL⟧ [ether] on en0''', r'''
kernel: [UFW BLOCK] IN=eth0 OUT= MAC=⟦mac:col⟧ SRC=⟦ip:pub⟧ DST=⟦ip:priv⟧ LEN=60 TTL=52 PROTO=TCP SPT=⟦num:5⟧ DPT=22
kernel: [UFW BLOCK] IN=eth0 OUT= MAC=⟦mac:col⟧ SRC=⟦ip6⟧ DST=⟦ip6⟧ LEN=80 PROTO=TCP SPT=⟦num:5⟧ DPT=443''')
T('config', 'en', r'''
# .env
APP_ENV=production
DB_HOST=⟦ip:priv⟧
DB_USER=⟦user⟧
DB_PASSWORD=⟦pw:cfg⟧
STRIPE_SECRET_KEY=⟦sec:stripe⟧
MAIL_FROM=⟦email:role⟧''', r'''
# aws credentials
[default]
aws_access_key_id = ⟦sec:aws_id⟧
aws_secret_access_key = ⟦sec:aws_secret⟧
region = eu-central-1''', r'''
export GITHUB_TOKEN=⟦sec:ghp⟧
export NPM_TOKEN=⟦sec:npm⟧
export EDITOR=vim''', r'''
spring:
  datasource:
    url: jdbc:postgresql://⟦host⟧:5432/orders
    username: ⟦user⟧
    password: ⟦pw:cfg⟧
  mail:
    host: smtp.⟦dom⟧
    username: ⟦email:role⟧
    password: "⟦pw⟧"''', r'''
services:
  db:
    image: postgres:16.2
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: ⟦pw:cfg⟧
  worker:
    environment:
      - DATABASE_URL=postgres://⟦urlc⟧@db:5432/app
      - SENDGRID_API_KEY=⟦sec:sendgrid⟧''', r'''
provider "digitalocean" {
  token = "⟦sec:do⟧"
}

variable "db_password" {
  default = "⟦pw:cfg⟧"
}''', r'''
{
  "type": "service_account",
  "project_id": "⟦user⟧-prod",
  "private_key": "⟦sec:pem:esc⟧\n",
  "token_uri": "https://oauth2.googleapis.com/token"
}''', r'''
apiVersion: v1
kind: Secret
metadata:
  name: api-creds
stringData:
  api-key: ⟦sec:an⟧
  slack-token: ⟦sec:slack⟧
  jwt-secret: "⟦sec:b64s⟧"''', r'''
[client]
host = ⟦ip:priv⟧
user = backup
password = ⟦pw:cfg⟧

[smtp]
server = smtp.⟦dom⟧
auth_token = ⟦sec:an⟧''', r'''
AZURE_STORAGE_CONNECTION_STRING="DefaultEndpointsProtocol=https;AccountName=⟦user⟧store;AccountKey=⟦sec:azure⟧;EndpointSuffix=core.windows.net"''', r'''
TELEGRAM_BOT_TOKEN=⟦sec:telegram⟧
TWILIO_AUTH_TOKEN=⟦sec:twilio⟧
TWILIO_FROM=⟦phone:intl⟧
SHOPIFY_ACCESS_TOKEN=⟦sec:shopify⟧''', r'''
OPENAI_API_KEY=⟦sec:openai⟧
ANTHROPIC_API_KEY=⟦sec:anthropic⟧
HF_TOKEN=⟦sec:hf⟧
LOG_LEVEL=debug''', r'''
registry=https://registry.npmjs.org/
//registry.npmjs.org/:_authToken=⟦sec:npm⟧
email=⟦email⟧''', r'''
[pypi]
username = __token__
password = ⟦sec:pypi⟧''', r'''
interface GigabitEthernet0/1
 ip address ⟦ip:priv⟧ 255.255.255.0
!
username ⟦user⟧ privilege 15 password 0 ⟦pw:cfg⟧
ip route 0.0.0.0 0.0.0.0 ⟦ip:priv⟧
ntp server ⟦ip:pub⟧''', r'''
network:
  version: 2
  ethernets:
    eth0:
      match: {macaddress: "⟦mac:col⟧"}
      addresses: [⟦ip:priv⟧/24, "⟦ip6⟧/64"]
      gateway4: ⟦ip:priv⟧''', r'''
host ⟦host⟧ { hardware ethernet ⟦mac:col⟧; fixed-address ⟦ip:priv⟧; }
host ⟦host⟧ { hardware ethernet ⟦mac:COL⟧; fixed-address ⟦ip:priv⟧; }
host printer { hardware ethernet ⟦mac:col⟧; fixed-address ⟦ip:priv⟧; }''', r'''
# /etc/hosts
127.0.0.1   localhost
::1         ip6-localhost
⟦*3-5~
~⟦ip:priv⟧   ⟦host⟧.lan⟧
⟦ip6⟧   ⟦host⟧.lan''', r'''
all:
  hosts:
⟦*2-4~
~    ⟦host⟧:
      ansible_host: ⟦ip⟧
      ansible_user: deploy⟧
  vars:
    ansible_become_password: ⟦pw:cfg⟧''', r'''
[Interface]
PrivateKey = ⟦sec:b64⟧
Address = ⟦ip:priv⟧/32
DNS = ⟦ip:priv⟧

[Peer]
Endpoint = ⟦ip:pub⟧:51820
AllowedIPs = 0.0.0.0/0''', r'''
network={
    ssid="⟦word⟧-Guest"
    psk="⟦pw⟧"
    key_mgmt=WPA-PSK
}''', r'''
mongodb_uri: mongodb+srv://⟦urlc⟧@cluster0.⟦hex:5⟧.mongodb.net/prod
redis: redis://⟦urlc⟧@⟦ip:priv⟧:6379/0
amqp: amqp://⟦urlc⟧@⟦host⟧:5672/''', r'''
<configuration>
  <connectionStrings>
    <add name="Main" connectionString="Server=⟦ip:priv⟧;Database=crm;User Id=⟦user⟧;Password=⟦pw:cfg⟧;" />
  </connectionStrings>
  <appSettings>
    <add key="ApiSecret" value="⟦sec:an⟧" />
  </appSettings>
</configuration>''', r'''
git:
  remotes:
    origin: https://⟦urlc⟧@git.⟦dom⟧/team/app.git
    mirror: https://⟦urlc⟧@mirror.⟦dom⟧/team/app.git
proxy: http://⟦urlc⟧@⟦ip:priv⟧:3128''', r'''
# backup job
SOURCE_URL=ftp://⟦urlc⟧@ftp.⟦dom⟧/exports
TARGET_URL=sftp://⟦urlc⟧@⟦ip:pub⟧:22/in
SMTP_URL=smtps://⟦urlc⟧@mail.⟦dom⟧:465''')
T('code', 'en', r'''
import requests

API_KEY = "⟦sec:google⟧"

def lookup(q):
    r = requests.get("https://maps.googleapis.com/maps/api/geocode/json", params={"address": q, "key": API_KEY})
    return r.json()

print(lookup("⟦addr⟧"))''', r'''
const client = new Client({
  host: '⟦ip:priv⟧',
  user: '⟦user⟧',
  password: '⟦pw⟧',
  database: 'shop',
});
// questions: ⟦email:work#1⟧''', r'''
from sqlalchemy import create_engine
engine = create_engine("mysql+pymysql://⟦urlc⟧@⟦host⟧.⟦dom⟧/crm")
backup = create_engine("postgresql://⟦urlc⟧@⟦ip:priv⟧:5432/crm")''', r'''
curl -X POST https://api.⟦dom⟧/v1/users \
  -H "Authorization: Bearer ⟦sec:jwt⟧" \
  -H "Content-Type: application/json" \
  -d '{"email": "⟦email⟧", "phone": "⟦phone:intl⟧"}\'''' if 0 else r'''
curl -X POST https://api.⟦dom⟧/v1/users \
  -H "Authorization: Bearer ⟦sec:jwt⟧" \
  -H "Content-Type: application/json" \
  -d "{\"email\": \"⟦email⟧\", \"phone\": \"⟦phone:intl⟧\"}"''', r'''
# deploy.sh
set -e
scp build.tar.gz deploy@⟦ip:pub#1⟧:/srv/app
ssh deploy@⟦ip:pub#1⟧ "DB_PASS='⟦pw:cfg⟧' ./restart.sh"
curl -u admin:⟦pw:cfg⟧ https://ci.⟦dom⟧/job/build''', r'''
describe('contact form', () => {
  it('accepts a valid customer', async () => {
    await fill({ name: '⟦name:noq#1⟧', email: '⟦email#1⟧', phone: '⟦phone⟧', dob: '⟦dob:iso⟧' });
    expect(await submit()).toBe(true);
  });
});''', r'''
@Configuration
public class MailConfig {
    private static final String USER = "⟦email:role⟧";
    private static final String PASSWORD = "⟦pw⟧";
    private static final String SLACK_TOKEN = "⟦sec:slack⟧";
}''', r'''
import boto3
s3 = boto3.client(
    "s3",
    aws_access_key_id="⟦sec:aws_id⟧",
    aws_secret_access_key="⟦sec:aws_secret⟧",
)
s3.upload_file("dump.sql", "backups-⟦user⟧", "dump.sql")''', r'''
# settings.py
DEBUG = False
SECRET_KEY = '⟦sec:django⟧'
ALLOWED_HOSTS = ['⟦ip:pub⟧', 'www.⟦dom⟧']
EMAIL_HOST_USER = '⟦email:role⟧'
EMAIL_HOST_PASSWORD = '⟦pw⟧\'''' if 0 else r'''
# settings.py
DEBUG = False
SECRET_KEY = "⟦sec:django⟧"
ALLOWED_HOSTS = ["⟦ip:pub⟧", "www.⟦dom⟧"]
EMAIL_HOST_USER = "⟦email:role⟧"
EMAIL_HOST_PASSWORD = "⟦pw⟧"''', r'''
$ cat ~/.ssh/deploy_key
⟦sec:pem⟧
$ ssh -i ~/.ssh/deploy_key ubuntu@⟦ip:pub⟧''', r'''
tls:
  enabled: true
  key: |
    ⟦sec:pem:ind4⟧
  min_version: "1.2"''', r'''
git clone https://⟦urlc⟧@github.com/⟦user⟧/infra.git
git remote add gl https://oauth2:⟦sec:glpat⟧@gitlab.com/⟦user⟧/infra.git''' if 0 else r'''
git clone https://⟦urlc⟧@git.⟦dom⟧/⟦user⟧/infra.git
curl --header "PRIVATE-TOKEN: ⟦sec:glpat⟧" https://gitlab.com/api/v4/projects
gh auth login --with-token <<< ⟦sec:ghpat⟧''', r'''
diff --git a/config.py b/config.py
--- a/config.py
+++ b/config.py
@@ -3,4 +3,4 @@
-TOKEN = "⟦sec:ghp⟧"
+TOKEN = os.environ["GH_TOKEN"]
-ADMIN_MAIL = "⟦email:work#1⟧"
+ADMIN_MAIL = settings.admin_mail
 TIMEOUT = 30''', r'''
{"jsonrpc": "2.0", "method": "eth_getBalance", "params": ["⟦eth⟧", "latest"], "id": 1}
{"jsonrpc": "2.0", "method": "eth_getBalance", "params": ["⟦eth⟧", "latest"], "id": 2}''', r'''
// hardhat.config.js
module.exports = {
  networks: { sepolia: { url: process.env.RPC_URL, accounts: [process.env.PK] } },
  treasury: "⟦eth⟧", // treasury wallet
  feeRecipient: "⟦eth⟧", // fee wallet address
};''', r'''
POST /oauth/token HTTP/1.1
Host: auth.⟦dom⟧
Authorization: Basic ⟦sec:basic⟧
X-Forwarded-For: ⟦ip:pub⟧
User-Agent: okhttp/4.9.3

grant_type=client_credentials''', r'''
HTTP/1.1 200 OK
Content-Type: application/json

{"access_token": "⟦sec:jwt⟧", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "⟦sec:b64s⟧"}''', r'''
# Jupyter cell 3
import openai
openai.api_key = "⟦sec:openai⟧"
# cell 4
from huggingface_hub import login
login(token="⟦sec:hf⟧")''', r'''
mailer = Mailgun::Client.new '⟦sec:mailgun⟧'
bot = Telegram::Bot::Client.new('⟦sec:telegram⟧')
bot.send_message(chat_id: ⟦num:9⟧, text: 'Server ⟦ip:priv⟧ is down')''', r'''
def test_parse_phone():
    assert parse("⟦phone:nat⟧") is not None
    assert parse("⟦phone:intl⟧").country == "⟦country⟧"
    assert parse("hello") is None''')
T('wallet', 'en', r'''
Wallet export
label,address,balance
⟦*2-4~
~⟦?savings|trading|cold⟧-⟦n⟧,⟦btc⟧,0.⟦num:4⟧⟧
eth-main,⟦eth⟧,1.⟦num:3⟧''', r'''
Please pay ⟦amt⟧ worth of BTC to the address below within 24 hours:

⟦btc⟧

After payment, mail your order number to ⟦email⟧.''', r'''
GitHub sponsors and tips
BTC: ⟦btc⟧
ETH: ⟦eth⟧
Thanks for keeping this project alive!''', r'''
Your files have been encrypted. Send 0.05 BTC to ⟦btc⟧ and contact ⟦email⟧ with your ID ⟦hex:8⟧.''', r'''
Withdrawal request
Asset: ETH
Destination address: ⟦eth⟧
Requested by: ⟦email⟧
IP: ⟦ip:pub⟧
TxID: ⟦tx⟧''', r'''
{"wallets": [{"chain": "bitcoin", "address": "⟦btc⟧"}, {"chain": "ethereum", "address": "⟦eth⟧"}], "owner": "⟦email⟧"}''', r'''
transfer(from: ⟦eth⟧, to: ⟦eth⟧, amount: 250 USDT)
tx hash: ⟦tx⟧ (success)''', r'''
Q: I accidentally sent BTC from ⟦btc⟧ to ⟦btc⟧ instead of my new wallet ⟦btc⟧. Can I reverse it?
A: No, confirmed transactions are final.''')
T('inventory', 'en', r'''
asset_tag,user,imei,mac,model
⟦*4-7~
~A⟦num:4⟧,⟦user⟧,⟦imei:plain⟧,⟦mac⟧,⟦?iPhone 13|Galaxy A54|Pixel 7a⟧⟧''', r'''
MDM enrollment
IMEI 1: ⟦imei⟧
IMEI 2: ⟦imei⟧
Wi-Fi MAC: ⟦mac⟧
Bluetooth MAC: ⟦mac⟧
Assigned to: ⟦email:work#1⟧''', r'''
User: I want to unlock my phone
Agent: No problem, dial *#06# and send me the IMEI please.
User: ⟦imei⟧
Agent: Thank you! The unlock code will be mailed to you.
User: send it to ⟦email⟧ pls''', r'''
{"devices": [
⟦*2-4~,
~  {"imei": "⟦imei:plain⟧", "wifi_mac": "⟦mac⟧", "last_ip": "⟦ip⟧", "msisdn": "⟦phone:intl⟧"}⟧
]}''', r'''
Loan handset returned ⟦date⟧, IMEI no. ⟦imei⟧, screen cracked. Customer tel. ⟦phone⟧.''', r'''
| Device | IMEI | MAC |
|---|---|---|
⟦*2-4~
~| ⟦?Tablet|Phone|Scanner⟧ ⟦n⟧ | ⟦imei⟧ | ⟦mac⟧ |⟧''', r'''
Police report annex: stolen items
- 1 mobile phone, IMEI ⟦imei⟧
- 1 laptop, MAC address ⟦mac⟧
- 1 wallet with debit card ⟦card⟧
Reported by ⟦name#1⟧, born ⟦dob⟧, of ⟦addr⟧''', r'''
Repair order ⟦order⟧: display replaced. Handset IMEI: ⟦imei⟧. Customer's unlock password: ⟦pw⟧. Call ⟦phone⟧ when ready.''', r'''
printers:
⟦*2-4~
~  - name: ⟦host⟧
    ip: ⟦ip:priv⟧
    mac: "⟦mac⟧"⟧''')
T('payment', 'en', r'''
Saved cards
⟦*2-3~
~⟦name⟧  ⟦card⟧  exp ⟦int:10-12⟧/⟦int:26-31⟧⟧''', r'''
Please book two rooms, credit card ⟦card⟧, exp. ⟦int:10-12⟧/⟦int:26-30⟧, name on card ⟦name:up⟧. Confirmation to ⟦email⟧.''', r'''
order_id,card_number,amount
⟦*5-8~
~⟦num:6⟧,⟦card:plain⟧,⟦int:10-900⟧.00⟧''', r'''
SEPA mandate
Debtor: ⟦name#1⟧
IBAN: ⟦iban:DE⟧
Creditor: ⟦company⟧, IBAN ⟦iban:NL⟧
Signed ⟦date⟧''', r'''
beneficiary;iban;amount
⟦*4-7~
~⟦name⟧;⟦iban⟧;⟦int:20-900⟧,00⟧''', r'''
{"payment_method": {"type": "card", "number": "⟦card:plain⟧", "holder": "⟦name#1⟧", "exp": "⟦int:10-12⟧/⟦int:26-31⟧"}, "billing": {"line1": "⟦addr:street⟧", "city": "⟦city⟧"}}''', r'''
Wire instructions: account name ⟦company⟧, IBAN ⟦iban:IE⟧, SWIFT AIBKIE2D. Remittance advice to ⟦email:role⟧. Queries ⟦phone⟧.''', r'''
Dispute form
Cardholder: ⟦name#1⟧
Card no.: ⟦card⟧
Billing address: ⟦addr⟧
Daytime phone: ⟦phone⟧''')
T('dialog', 'en', r'''
User: My server got hacked, what do I do? Here's my config: root password is ⟦pw⟧, IP ⟦ip:pub⟧.
Assistant: First, change that password immediately and disable root login over SSH.''', r'''
Human: Why does this fail? `psql "postgres://⟦urlc⟧@⟦ip:pub⟧:5432/prod"`
Assistant: The connection times out because port 5432 is blocked by the firewall.''', r'''
Human: this curl gives me 401
curl https://api.stripe.com/v1/charges -u ⟦sec:stripe⟧:
Assistant: Check that the key belongs to the right account.''', r'''
Human: translate to French: "Please call Mr ⟦last⟧ on ⟦phone⟧ or visit us at ⟦addr⟧."
Assistant: « Veuillez appeler M. ⟦last⟧ ou nous rendre visite. »''', r'''
Human: Extract the entities from: "⟦name#1⟧ was born on ⟦dob:long⟧ and lives at ⟦addr⟧."
Assistant: {"person": "⟦name#1⟧", "type": "biography"}''', r'''
User: what's my redis url again?
Agent: redis://⟦urlc⟧@cache.⟦dom⟧:6379
User: and rabbit?
Agent: amqps://⟦urlc⟧@mq.⟦dom⟧/vhost''', r'''
Q: What is the admin password for the NVR?
A: ⟦pw⟧
Q: And the address of the box?
A: https://⟦ip:priv⟧:8443''', r'''
User: pls reset my pw
Agent: Done. New password: ⟦pw⟧
User: doesnt work
Agent: Try again with ⟦pw⟧ please.''')

# ================================================================== templates: German
T('ticket', 'de', r'''
Guten Tag,

meine Bestellung ⟦order⟧ vom ⟦date⟧ ist immer noch nicht da. Bitte rufen Sie mich unter ⟦phone⟧ zurück.

Mit freundlichen Grüßen
⟦name#1⟧
⟦addr⟧''', r'''
Betreff: Umzug / neue Anschrift

Sehr geehrte Damen und Herren,
ab dem ⟦date⟧ lautet meine neue Adresse: ⟦addr⟧. Die alte (⟦addr⟧) können Sie löschen. Kundennummer ⟦num:7⟧.
Freundliche Grüße, ⟦name#1⟧''', r'''
Interne Notiz ⟦ticket⟧: Kundin hat sich mit Geburtsdatum ⟦dob⟧ legitimiert, Rückruf gewünscht auf ⟦phone⟧. Erstattung über ⟦amt⟧ auf IBAN ⟦iban⟧ veranlasst.''', r'''
Hallo Support, ich komme nicht mehr rein. Mein Benutzername ist ⟦user⟧, das Passwort war ⟦pw⟧ – geht seit gestern nicht mehr. Antwort bitte an ⟦email⟧.''', r'''
Störungsmeldung
Melder: ⟦name#1⟧, Tel. ⟦phone⟧
Standort: ⟦addr⟧
Router-MAC: ⟦mac⟧, letzte bekannte IP: ⟦ip:pub⟧
Fehlerbild: kein DSL-Sync seit ⟦time⟧ Uhr''')
T('chat', 'de', r'''
Agent: Zur Sicherheit bräuchte ich noch Ihr Geburtsdatum.
Kunde: ⟦dob⟧
Agent: Danke. Unter welcher Nummer erreichen wir Sie tagsüber?
Kunde: ⟦phone⟧
Agent: Und wohin darf der Techniker kommen?
Kunde: ⟦addr⟧''', r'''
⟦first#1⟧: wo wohnst du jetz eig
⟦first#2⟧: ⟦addr:street⟧, 2. stock, klingel bei ⟦last#2⟧
⟦first#1⟧: ok bis gleich, falls was is ⟦phone⟧''', r'''
⟦first#1⟧: wlan passwort?
⟦first#2⟧: ⟦pw⟧
⟦first#1⟧: danke dir 👍''', r'''
Nutzer: Schreib mir bitte eine Kündigung für mein Fitnessstudio. Ich heiße ⟦name#1⟧, wohne in der ⟦addr@x⟧.
Assistent: Gerne.'''.replace('in der ⟦addr@x⟧', 'hier: ⟦addr⟧'), r'''
Mitarbeiter: Wie lautet Ihre E-Mail-Adresse?
Anrufer: ⟦email⟧
Mitarbeiter: Und die IBAN für die Rückzahlung?
Anrufer: ⟦iban⟧''', r'''
Kundin: Ich möchte die Kreditkarte ändern, die neue ist ⟦card⟧.
Bot: Danke, gespeichert. Soll die Rechnungsadresse gleich bleiben?
Kundin: Nein, neu: ⟦addr⟧''')
T('email', 'de', r'''
Hallo ⟦first#2⟧,

anbei die Teilnehmerliste:
⟦*2-4~
~⟦name⟧, geb. ⟦dob:num⟧⟧

Ruf mich gern an: ⟦phone⟧.

LG ⟦first#1⟧''', r'''
Sehr geehrte Frau ⟦last#2⟧,

Ihr Zugang zum Kundenportal wurde eingerichtet.
Benutzername: ⟦email#2⟧
Initialpasswort: ⟦pw⟧
Bitte ändern Sie das Passwort bei der ersten Anmeldung.

⟦company⟧
⟦addr⟧
Tel. ⟦phone⟧''', r'''
Von: ⟦email:work#1⟧
An: ⟦email#2⟧
Betreff: Besichtigungstermin

Guten Tag, die Wohnung in der ⟦street⟧ können Sie am ⟦date⟧ um ⟦time⟧ Uhr ansehen. Treffpunkt ist unser Büro: ⟦addr⟧. Mobil erreichen Sie mich unter ⟦phone:m⟧.''', r'''
Moin,
der neue Server hat die ⟦ip:priv⟧ (IPv6 ⟦ip6⟧). Root-Passwort: ⟦pw⟧ – bitte im Safe ablegen.
Gruß
⟦first#1⟧''')
T('letter', 'de', r'''
⟦name#1⟧
⟦addr:ml⟧

⟦company⟧
⟦pobox⟧

⟦city⟧, den ⟦date⟧

Widerruf meines Vertrags Nr. ⟦num:8⟧

Sehr geehrte Damen und Herren,
hiermit widerrufe ich den Vertrag fristgerecht. Die Erstattung bitte auf mein Konto ⟦iban⟧.

⟦name#1⟧''', r'''
Arztbrief

Sehr geehrte Kollegin, sehr geehrter Kollege,
wir berichten über ⟦?Herrn|Frau⟧ ⟦name#1⟧, geboren am ⟦dob⟧, wohnhaft ⟦addr⟧, der/die sich am ⟦date⟧ in unserer Ambulanz vorstellte.
Diagnose: Z. n. Appendektomie. RR 130/80, Puls 72.
Rückfragen unter ⟦phone⟧.''', r'''
MIETVERTRAG

zwischen ⟦name#1⟧, ⟦addr⟧ (Vermieter)
und ⟦name#2⟧, geb. am ⟦dob:num⟧, derzeit ⟦addr⟧ (Mieter)
§ 1 Mietsache: Wohnung im 2. OG, 3 Zimmer, 74 qm
§ 4 Miete: ⟦amt⟧, zahlbar auf IBAN ⟦iban⟧''', r'''
Vollmacht

Hiermit bevollmächtige ich, ⟦name#1⟧ (geb. ⟦dob:long⟧ in ⟦city⟧), Frau ⟦name#2⟧, geboren ⟦dob:long⟧, mich in allen Angelegenheiten gegenüber ⟦company⟧ zu vertreten.''', r'''
Anmeldung Kita-Platz
Kind: ⟦first#1⟧ ⟦last#2⟧, *⟦dob:num⟧
Mutter: ⟦name#2⟧, Handy ⟦phone:m⟧
Anschrift: ⟦addr⟧
Hausarzt: Dr. ⟦last⟧, Tel. ⟦phone⟧''')
T('cv', 'de', r'''
LEBENSLAUF

Name: ⟦name#1⟧
Geburtsdatum/-ort: ⟦dob:num⟧ in ⟦city⟧
Anschrift: ⟦addr⟧
Telefon: ⟦phone⟧
E-Mail: ⟦email#1⟧

Berufserfahrung
seit 03/2018  Sachbearbeiter, ⟦company⟧
2012–2018     Kaufmann im Einzelhandel''')
T('forum', 'de', r'''
Verkaufe ⟦product⟧, kaum benutzt, VB ⟦amt⟧. Abholung in ⟦addr:sc⟧. Einfach anrufen: ⟦phone⟧ oder Mail an ⟦email⟧.''', r'''
Hat noch jemand Anrufe von ⟦phone⟧ bekommen? Angeblich Microsoft-Support, wollten per Fernwartung auf meinen PC. Abzocke!''', r'''
Impressum
⟦company⟧
⟦addr:ml⟧
Telefon: ⟦phone⟧
E-Mail: ⟦email:role⟧
Geschäftsführer: ⟦name⟧
HRB ⟦num:5⟧, Amtsgericht ⟦city⟧''')
T('transcript', 'de', r'''
00:12 Leitstelle: Wie ist die genaue Adresse?
00:14 Anruferin: ⟦addr:street⟧, dritter Stock.
00:19 Leitstelle: Unter welcher Nummer sind Sie erreichbar?
00:22 Anruferin: ⟦phone:spaced⟧.''', r'''
Sprecher 1: Wann sind Sie geboren?
Sprecher 2: Am ⟦dob:long⟧.
Sprecher 1: Und seit wann wohnen Sie hier?
Sprecher 2: Seit ⟦year⟧.''')
T('note', 'de', r'''
Passwörter (nicht weitergeben!)
Amazon: ⟦email#1⟧ / ⟦pw⟧
Fritzbox: ⟦pw⟧
WLAN-Schlüssel: ⟦sec:pin⟧⟦num:10⟧'''.replace('⟦sec:pin⟧⟦num:10⟧', '⟦pw⟧'), r'''
Notfallliste Schule
⟦*4-7~
~⟦n⟧. ⟦name⟧ (geb. ⟦dob:num⟧) – Eltern: ⟦phone⟧⟧''', r'''
Vereinsmitglieder, Geburtstage
⟦*4-7~
~- ⟦name⟧, geb. am ⟦dob⟧⟧''')

# ================================================================== French
T('ticket', 'fr', r'''
Bonjour,
je n'ai toujours pas reçu ma commande ⟦order⟧ du ⟦date⟧. Pouvez-vous me rappeler au ⟦phone⟧ ou m'écrire à ⟦email#1⟧ ?
Cordialement,
⟦name#1⟧''', r'''
Changement d'adresse : à partir du ⟦date⟧ j'habite au ⟦addr⟧. Mon numéro de client est le ⟦num:7⟧. Merci de mettre à jour mon dossier. ⟦name#1⟧''', r'''
Note interne : cliente identifiée (née le ⟦dob⟧), souhaite être rappelée sur son portable ⟦phone:m⟧. Remboursement de ⟦amt⟧ sur l'IBAN ⟦iban⟧.''')
T('chat', 'fr', r'''
Conseiller : Quelle est votre date de naissance, s'il vous plaît ?
Client : ⟦dob⟧
Conseiller : Merci. Votre numéro de téléphone ?
Client : ⟦phone⟧
Conseiller : Et l'adresse de livraison ?
Client : ⟦addr⟧''', r'''
⟦first#1⟧ : slt c koi ton nouveau num ?
⟦first#2⟧ : ⟦phone⟧
⟦first#1⟧ : ok et le code wifi ?
⟦first#2⟧ : le mdp c'est ⟦pw⟧''')
T('email', 'fr', r'''
Objet : Vos identifiants

Madame ⟦last#2⟧,
Votre compte a été créé. Identifiant : ⟦email#2⟧ ; mot de passe provisoire : ⟦pw⟧
Pour toute question : ⟦phone⟧.

⟦company⟧
⟦addr:ml⟧''', r'''
Bonjour ⟦first#2⟧,
le serveur de préprod est sur ⟦ip:priv⟧, l'ancien (⟦ip:pub⟧) sera coupé vendredi. Écris à ⟦email:work#1⟧ si souci.
⟦first#1⟧''')
T('letter', 'fr', r'''
⟦name#1⟧
⟦addr:ml⟧
⟦phone⟧

À ⟦city⟧, le ⟦date:long⟧

Objet : résiliation du contrat n° ⟦num:8⟧

Madame, Monsieur,
Je vous informe de ma volonté de résilier mon contrat. Veuillez agréer mes salutations distinguées.''', r'''
COMPTE RENDU DE CONSULTATION
Patient : ⟦name#1⟧, né(e) le ⟦dob⟧
Adresse : ⟦addr⟧
Motif : lombalgie depuis trois semaines. TA 12/8. Prescription : paracétamol.
Médecin traitant : Dr ⟦last⟧ (⟦phone⟧)''', r'''
Entre les soussignés :
M. ⟦name#1⟧, né le ⟦dob:long⟧ à ⟦city⟧, demeurant ⟦addr⟧, ci-après « le Bailleur »,
et Mme ⟦name#2⟧, née le ⟦dob:long⟧, demeurant ⟦addr⟧, ci-après « le Locataire »,
il a été convenu ce qui suit.''')
T('forum', 'fr', r'''
Arnaque téléphonique : le ⟦phone⟧ m'appelle trois fois par jour en se faisant passer pour ma banque. Ils écrivent aussi depuis ⟦email⟧. Méfiance !''', r'''
Vends ⟦product⟧ très bon état, ⟦amt⟧. À retirer ⟦addr⟧. Contact par SMS au ⟦phone⟧.''')
# ================================================================== Spanish
T('ticket', 'es', r'''
Buenos días:
mi pedido ⟦order⟧ llegó roto. Quiero la devolución en mi cuenta ⟦iban⟧. Mi teléfono es el ⟦phone⟧.
Un saludo,
⟦name#1⟧ (⟦email#1⟧)''', r'''
Nota: el titular confirma fecha de nacimiento ⟦dob⟧ y nuevo domicilio en ⟦addr⟧. Llamar al ⟦phone⟧ a partir de las ⟦time⟧.''')
T('chat', 'es', r'''
Agente: ¿Me indica su fecha de nacimiento, por favor?
Cliente: ⟦dob⟧
Agente: ¿Y un teléfono de contacto?
Cliente: ⟦phone⟧
Agente: Perfecto, ¿a qué dirección enviamos el paquete?
Cliente: ⟦addr⟧''', r'''
⟦first#1⟧: tía pásame tu numero q cambié de movil
⟦first#2⟧: ⟦phone⟧
⟦first#1⟧: y la clave del wifi?
⟦first#2⟧: ⟦pw⟧ jajaja''')
T('email', 'es', r'''
Asunto: Alta de usuario

Hola, ⟦first#2⟧:
tu usuario es ⟦user#2⟧ y tu contraseña temporal es ⟦pw⟧ (cámbiala al entrar).
Cualquier duda, ⟦email:role⟧ o ⟦phone⟧.
⟦company⟧ - ⟦addr⟧''')
T('letter', 'es', r'''
INFORME MÉDICO
Paciente: ⟦name#1⟧. Fecha de nacimiento: ⟦dob⟧. Domicilio: ⟦addr⟧. Tel.: ⟦phone⟧
Motivo de consulta: cefalea de dos días de evolución. TA 120/80. Afebril.
Plan: analgesia y control en 10 días.''', r'''
CONTRATO DE ARRENDAMIENTO
En ⟦city⟧, a ⟦date:long⟧. De una parte, D. ⟦name#1⟧, con domicilio en ⟦addr⟧. De otra parte, D.ª ⟦name#2⟧, nacida el ⟦dob:long⟧, con teléfono ⟦phone⟧. La renta será de ⟦amt⟧ mensuales, a ingresar en ⟦iban⟧.''')
T('forum', 'es', r'''
Se vende ⟦product⟧ por ⟦amt⟧. Interesados llamar al ⟦phone⟧ o escribir a ⟦email⟧. Recogida en ⟦addr:sc⟧.''')
# ================================================================== Italian
T('ticket', 'it', r'''
Buongiorno, non ho ancora ricevuto l'ordine ⟦order⟧. Potete richiamarmi al ⟦phone⟧? L'indirizzo di consegna è ⟦addr⟧.
Grazie, ⟦name#1⟧ - ⟦email#1⟧''', r'''
Nota interna: cliente nato il ⟦dob⟧, nuovo recapito ⟦phone⟧, rimborso di ⟦amt⟧ su IBAN ⟦iban⟧.''')
T('chat', 'it', r'''
Operatore: Mi può dire la sua data di nascita?
Cliente: ⟦dob⟧
Operatore: E un numero di telefono?
Cliente: ⟦phone⟧
Operatore: Dove dobbiamo spedire?
Cliente: ⟦addr⟧''', r'''
⟦first#1⟧: mi dai la password del wifi?
⟦first#2⟧: ⟦pw⟧
⟦first#1⟧: grazie! e il tuo cell nuovo?
⟦first#2⟧: ⟦phone⟧''')
T('letter', 'it', r'''
REFERTO
Paziente: ⟦name#1⟧, nato/a il ⟦dob⟧, residente in ⟦addr⟧
Telefono: ⟦phone⟧
Si certifica che il paziente è stato visitato in data ⟦date⟧. Prognosi di 5 giorni.''', r'''
Tra ⟦name#1⟧, nato a ⟦city⟧ il ⟦dob:long⟧ e residente in ⟦addr⟧, e ⟦name#2⟧, nata il ⟦dob:long⟧, si conviene quanto segue. Il canone di ⟦amt⟧ sarà versato sull'IBAN ⟦iban⟧.''')
T('email', 'it', r'''
Oggetto: credenziali di accesso

Gentile ⟦first#2⟧,
le comunichiamo nome utente ⟦user#2⟧ e password ⟦pw⟧ per il portale.
Assistenza: ⟦phone⟧, ⟦email:role⟧
⟦company⟧, ⟦addr⟧''')
# ================================================================== Dutch
T('ticket', 'nl', r'''
Goedemiddag,
mijn bestelling ⟦order⟧ is zoek. Kunt u mij bellen op ⟦phone⟧? Bezorgadres: ⟦addr⟧.
Groet, ⟦name#1⟧''', r'''
Interne notitie: klant geboren op ⟦dob⟧, nieuw e-mailadres ⟦email⟧, terugbetaling van ⟦amt⟧ naar ⟦iban⟧.''')
T('chat', 'nl', r'''
Medewerker: Wat is uw geboortedatum?
Klant: ⟦dob⟧
Medewerker: En op welk nummer kunnen we u bereiken?
Klant: ⟦phone⟧
Medewerker: Naar welk adres mag het?
Klant: ⟦addr⟧''', r'''
⟦first#1⟧: hee wat is je nr ook alweer
⟦first#2⟧: ⟦phone⟧
⟦first#1⟧: en wifi ww?
⟦first#2⟧: wachtwoord is ⟦pw⟧''')
T('letter', 'nl', r'''
⟦company⟧
⟦pobox⟧

Betreft: patiënt ⟦name#1⟧, geboren ⟦dob⟧, wonende ⟦addr⟧

Geachte collega,
bovengenoemde patiënt zag ik op ⟦date⟧ op het spreekuur. Bereikbaar op ⟦phone⟧.''', r'''
HUUROVEREENKOMST
Verhuurder: ⟦name#1⟧, ⟦addr⟧
Huurder: ⟦name#2⟧, geboren op ⟦dob:long⟧ te ⟦city⟧, tel. ⟦phone⟧
Huur: ⟦amt⟧ per maand op rekening ⟦iban⟧''')
# ================================================================== Portuguese
T('ticket', 'pt', r'''
Bom dia, o meu pedido ⟦order⟧ ainda não chegou. O meu contacto é ⟦phone⟧ e o e-mail ⟦email#1⟧.
Obrigado, ⟦name#1⟧''', r'''
Nota: cliente nasceu em ⟦dob⟧, nova morada: ⟦addr⟧. Ligar para ⟦phone⟧ depois das ⟦time⟧.''')
T('chat', 'pt', r'''
Atendente: Qual é a sua data de nascimento?
Cliente: ⟦dob⟧
Atendente: E o telefone para contato?
Cliente: ⟦phone⟧
Atendente: Endereço de entrega?
Cliente: ⟦addr⟧''', r'''
⟦first#1⟧: qual é a senha do wifi aí?
⟦first#2⟧: ⟦pw⟧
⟦first#1⟧: valeu! me manda o zap do ⟦first#3⟧
⟦first#2⟧: ⟦phone⟧''')
T('letter', 'pt', r'''
CONTRATO DE PRESTAÇÃO DE SERVIÇOS
Contratante: ⟦name#1⟧, nascido em ⟦dob:long⟧, residente em ⟦addr⟧, telefone ⟦phone⟧, e-mail ⟦email#1⟧.
Valor: ⟦amt⟧. Data: ⟦date⟧.''', r'''
Atestado
Atesto que ⟦name#1⟧, data de nascimento ⟦dob⟧, esteve em consulta no dia ⟦date⟧.
Consultório: ⟦addr⟧ - Tel. ⟦phone⟧''')
# ================================================================== Polish
T('ticket', 'pl', r'''
Dzień dobry,
paczka ⟦order⟧ nie dotarła na adres ⟦addr⟧. Proszę o telefon: ⟦phone⟧.
Pozdrawiam, ⟦name#1⟧''', r'''
Notatka: klient ur. ⟦dob:num⟧, zwrot ⟦amt⟧ na konto ⟦iban⟧, kontakt ⟦email⟧.''')
T('chat', 'pl', r'''
Konsultant: Proszę podać datę urodzenia.
Klient: ⟦dob⟧
Konsultant: Numer telefonu do kontaktu?
Klient: ⟦phone⟧
Konsultant: Na jaki adres wysłać przesyłkę?
Klient: ⟦addr⟧''', r'''
⟦first#1⟧: jakie jest hasło do wifi?
⟦first#2⟧: ⟦pw⟧
⟦first#1⟧: dzięki, a twój nowy nr?
⟦first#2⟧: ⟦phone⟧''')
T('letter', 'pl', r'''
UMOWA NAJMU
zawarta dnia ⟦date⟧ w ⟦city⟧ pomiędzy:
⟦name#1⟧, zam. ⟦addr⟧, a
⟦name#2⟧, urodzoną dnia ⟦dob⟧, zam. ⟦addr⟧, tel. ⟦phone⟧.
Czynsz: ⟦amt⟧, płatny na rachunek ⟦iban⟧.''')
# ================================================================== Nordic, Czech
T('ticket', 'sv', r'''
Hej! Mitt paket ⟦order⟧ har inte kommit fram till ⟦addr⟧. Ring mig gärna på ⟦phone⟧ eller mejla ⟦email#1⟧.
Mvh ⟦name#1⟧''')
T('chat', 'sv', r'''
Handläggare: Vilket telefonnummer når vi dig på?
Kund: ⟦phone⟧
Handläggare: Och adressen?
Kund: ⟦addr⟧
Handläggare: När är du född?
Kund: ⟦dob:long⟧''', r'''
⟦first#1⟧: va e lösenordet till wifit?
⟦first#2⟧: ⟦pw⟧
⟦first#1⟧: tack! messa ⟦first#3⟧ på ⟦phone⟧ oxå''')
T('letter', 'sv', r'''
REMISS
Patient: ⟦name#1⟧, född ⟦dob⟧, boende på ⟦addr⟧
Telefon: ⟦phone⟧
Frågeställning: knäsmärta höger sida sedan två månader.''')
T('ticket', 'fi', r'''
Hei, tilaukseni ⟦order⟧ ei ole saapunut. Puhelinnumeroni on ⟦phone⟧ ja toimitusosoite ⟦addr⟧.
Terveisin ⟦name#1⟧, ⟦email#1⟧''')
T('chat', 'fi', r'''
Asiakaspalvelija: Mikä on syntymäaikanne?
Asiakas: ⟦dob⟧
Asiakaspalvelija: Entä puhelinnumero?
Asiakas: ⟦phone⟧
Asiakaspalvelija: Mihin osoitteeseen lähetämme?
Asiakas: ⟦addr⟧''', r'''
⟦first#1⟧: mikä se wifin salasana oli
⟦first#2⟧: ⟦pw⟧
⟦first#1⟧: kiitti''')
T('letter', 'fi', r'''
Vuokrasopimus
Vuokranantaja: ⟦name#1⟧, ⟦addr⟧, puh. ⟦phone⟧
Vuokralainen: ⟦name#2⟧, syntynyt ⟦dob⟧, sähköposti ⟦email#2⟧
Tilinumero: ⟦iban⟧''')
T('ticket', 'da', r'''
Hej, jeg mangler stadig min pakke ⟦order⟧. Ring til mig på ⟦phone⟧. Leveringsadresse: ⟦addr⟧.
Mvh ⟦name#1⟧''')
T('chat', 'da', r'''
Medarbejder: Hvornår er du født?
Kunde: ⟦dob⟧
Medarbejder: Og dit telefonnummer?
Kunde: ⟦phone⟧
Medarbejder: Hvilken e-mail skal vi bruge?
Kunde: ⟦email⟧''')
T('ticket', 'no', r'''
Hei, pakken ⟦order⟧ har ikke kommet. Mobilnummeret mitt er ⟦phone:m⟧ og adressen er ⟦addr⟧.
Hilsen ⟦name#1⟧''')
T('chat', 'no', r'''
Kundebehandler: Kan jeg få fødselsdatoen din?
Kunde: ⟦dob⟧
Kundebehandler: Takk. Hvilket passord fikk du tilsendt?
Kunde: ⟦pw⟧
Kundebehandler: Da ringer vi deg på ⟦phone⟧.''')
T('ticket', 'cs', r'''
Dobrý den, zásilka ⟦order⟧ nedorazila na adresu ⟦addr⟧. Volejte prosím na ⟦phone⟧.
S pozdravem ⟦name#1⟧, ⟦email#1⟧''')
T('chat', 'cs', r'''
Operátor: Prosím o datum narození.
Zákazník: ⟦dob⟧
Operátor: Telefonní číslo?
Zákazník: ⟦phone⟧
Operátor: A kam máme zboží poslat?
Zákazník: ⟦addr⟧''', r'''
⟦first#1⟧: jaký je heslo na wifi?
⟦first#2⟧: heslo: ⟦pw⟧
⟦first#1⟧: dík''')

# ================================================================== passports
T('passport', '*', r'''
⟦L:name⟧: ⟦name#1⟧
⟦L:email⟧: ⟦email#1⟧
MRZ:
⟦mrz#1⟧''', r'''
--- PAGE 1 (OCR, ⟦L:name⟧: ⟦name:up#1⟧) ---
PASSPORT / PASSEPORT
⟦L:dob⟧: ⟦dob:num#1⟧
⟦mrz#1⟧
--- END OF PAGE ---''', r'''
⟦*2-3~

~⟦n⟧) ⟦last:up#i⟧, ⟦first#i⟧
⟦mrz#i⟧⟧''')
T('passport', 'en', r'''
Scanned document (passport), machine readable zone:

⟦mrz#1⟧

Checked by agent ⟦first⟧ on ⟦date⟧.''', r'''
KYC case ⟦num:6⟧
Applicant: ⟦name#1⟧
Date of birth: ⟦dob#1⟧
Passport MRZ lines:
⟦mrz#1⟧
Result: match''', r'''
User: here's my passport for the check-in, just the two bottom lines:
⟦mrz#1⟧
Agent: Thank you, and a contact number?
User: ⟦phone⟧''', r'''
def test_mrz():
    td3 = """⟦mrz#1⟧"""
    doc = parse_mrz(td3)
    assert doc.valid''', r'''
> reader.scan()
[ok] 2 lines, confidence 0.98
⟦mrz#1⟧
> reader.scan()
[ok] 2 lines, confidence 0.95
⟦mrz#2⟧''', r'''
Guest registration, room ⟦int:101-512⟧
⟦name#1⟧, arriving ⟦date⟧
⟦mrz#1⟧
E-mail for invoice: ⟦email#1⟧''', r'''
Crew list attachments
⟦*2-4~

~⟦mrz#i⟧⟧''')
T('passport', 'de', r'''
Meldeschein
Name: ⟦name#1⟧
Geboren am: ⟦dob:num#1⟧
Reisepass (maschinenlesbarer Bereich):
⟦mrz#1⟧
Anreise ⟦date⟧''')
T('passport', 'fr', r'''
Demande de visa, dossier ⟦num:6⟧
Bande MRZ du passeport :
⟦mrz#1⟧
Tél. ⟦phone⟧''')
T('passport', 'es', r'''
Registro de viajeros
⟦name#1⟧ - ⟦dob#1⟧ (fecha de nacimiento)
Pasaporte, zona de lectura mecánica:
⟦mrz#1⟧''')
T('passport', 'pl,cs,sv', r'''
<scan id="⟦num:5⟧" type="passport">
⟦mrz#1⟧
</scan>
<scan id="⟦num:5⟧" type="passport">
⟦mrz#2⟧
</scan>''')

# ================================================================== national identifiers
VOC = {  # kind: locale, field names, key, question in a dialogue, (who asks, who answers)
 'ssn': ('en-US', ['Social Security Number', 'SSN', 'Soc. Sec. No.'], ['ssn', 'social_security_number'], 'Can I get your social security number?', ('Agent', 'Caller')),
 'tax': ('de-DE', ['Steuer-ID', 'Steuerliche Identifikationsnummer', 'Steueridentifikationsnummer', 'IdNr.'], ['steuer_id', 'steuerId', 'idnr'], 'Wie lautet Ihre Steuer-Identifikationsnummer?', ('Mitarbeiter', 'Kunde')),
 'dni': ('es-ES', ['DNI/NIE', 'DNI', 'NIF', 'Documento de identidad'], ['dni', 'nif', 'dni_nie'], '¿Me dice su DNI o NIE con la letra, por favor?', ('Agente', 'Cliente')),
 'cf': ('it-IT', ['Codice fiscale', 'C.F.', 'Cod. Fiscale'], ['codice_fiscale', 'codiceFiscale', 'cf'], 'Mi detta il suo codice fiscale?', ('Operatore', 'Cliente')),
 'nir': ('fr-FR', ['N° de sécurité sociale', 'NIR', 'Numéro de sécurité sociale', 'N° SS'], ['nir', 'num_secu', 'numero_securite_sociale'], 'Quel est votre numéro de sécurité sociale ?', ('Conseiller', 'Assuré')),
 'nhs': ('en-GB', ['NHS Number', 'NHS No.', 'NHS no'], ['nhs_number', 'nhsNumber', 'nhs_no'], 'Do you know your NHS number?', ('Receptionist', 'Patient')),
 'nino': ('en-GB', ['National Insurance number', 'NI number', 'NINO', 'NI No.'], ['nino', 'national_insurance_number', 'niNumber'], 'What is your National Insurance number?', ('Adviser', 'Customer')),
 'bsn': ('nl-NL', ['BSN', 'Burgerservicenummer', 'BSN-nummer'], ['bsn', 'burgerservicenummer'], 'Wat is uw burgerservicenummer?', ('Medewerker', 'Klant')),
 'pesel': ('pl-PL', ['PESEL', 'Nr PESEL', 'Numer PESEL'], ['pesel', 'nr_pesel'], 'Proszę podać numer PESEL.', ('Konsultant', 'Klient')),
 'cpf': ('pt-BR', ['CPF', 'CPF do titular', 'Nº do CPF'], ['cpf', 'cpf_cliente'], 'Pode me informar o seu CPF?', ('Atendente', 'Cliente')),
 'aadhaar': ('en-IN', ['Aadhaar Number', 'Aadhaar No.', 'Aadhaar', 'UIDAI / Aadhaar no.'], ['aadhaar', 'aadhaar_number', 'aadhaarNo'], 'Please share your 12-digit Aadhaar number.', ('Support', 'Customer')),
 'pnr': ('sv-SE', ['Personnummer', 'Personnr', 'Pers.nr'], ['personnummer', 'personal_identity_number', 'pnr'], 'Kan jag få ditt personnummer?', ('Handläggare', 'Kund')),
 'hetu': ('fi-FI', ['Henkilötunnus', 'Hetu', 'HETU'], ['hetu', 'henkilotunnus'], 'Mikä on henkilötunnuksenne?', ('Virkailija', 'Asiakas')),
}
for _k, (_loc, _lab, _keys, _q, (_a, _b)) in VOC.items():
    _l = '⟦?' + '|'.join(_lab) + '⟧'; _key = '⟦?' + '|'.join(_keys) + '⟧'; _v = '⟦' + _k + '#i⟧'; _w = '⟦' + _k + '#1⟧'; _pl = '⟦' + _k + ('' if _k in ('pesel', 'hetu', 'cf') else ':plain') + '#i⟧'
    T('natid-' + _k, _loc,
     '{"id": ⟦num:5⟧, "name": "⟦name#1⟧", "' + _key + '": "' + _w + '", "contact": {"email": "⟦email#1⟧", "phone": "⟦phone⟧"}}',
     _keys[0] + ',name,created\n⟦*5-7~\n~' + _pl + ',⟦name#i⟧,⟦date:iso⟧⟧',
     '⟦L:name⟧: ⟦name#1⟧\n' + _l + ': ' + _w + '\n⟦L:dob⟧: ⟦dob#1⟧\n⟦L:addr⟧: ⟦addr⟧',
     '| ⟦L:name⟧ | ' + _l + ' | ⟦L:email⟧ |\n|---|---|---|\n⟦*3-7~\n~| ⟦name#i⟧ | ' + _v + ' | ⟦email#i⟧ |⟧',
     _a + ': ' + _q + '\n' + _b + ': ' + _w + '\n' + _a + ': OK, ⟦first#1⟧.',
     '<person>\n  <name>⟦name#1⟧</name>\n  <' + _keys[0] + '>' + _w + '</' + _keys[0] + '>\n</person>\n<person>\n  <name>⟦name#2⟧</name>\n  <' + _keys[0] + '>⟦' + _k + '#2⟧</' + _keys[0] + '>\n</person>',
     '⟦L:cust⟧;⟦L:last⟧;⟦L:first⟧;' + _lab[0] + '\n⟦*5-7~\n~⟦num:5⟧;⟦last#i⟧;⟦first#i⟧;' + _v + '⟧')

T('natid-ssn', 'en-US', r'''
Hi HR, for the W-4 you asked about: my SSN is ⟦ssn⟧ and my husband's is ⟦ssn⟧. Thanks, ⟦name#1⟧''', r'''
DIRECT DEPOSIT FORM
Employee: ⟦name#1⟧        SSN: ⟦ssn⟧
Home address: ⟦addr⟧
Daytime phone: ⟦phone⟧    DOB: ⟦dob:num⟧''', r'''
Bot: Please enter your 9-digit Social Security number.
User: ⟦ssn:plain⟧
Bot: Thank you. And your date of birth?
User: ⟦dob⟧''', r'''
Dependents:
⟦*2-4~
~  ⟦name⟧ (⟦?son|daughter|spouse⟧), social ⟦ssn⟧, born ⟦dob⟧⟧''', r'''
INSERT INTO payroll (emp_id, ssn, annual_salary) VALUES
⟦*3-5~,
~  (⟦num:4⟧, '⟦ssn⟧', ⟦num:5⟧)⟧;''', r'''
Tenant screening report for ⟦name#1⟧ (SS# ⟦ssn⟧). Current residence ⟦addr⟧. Credit score 712. No evictions found.''')
T('natid-tax', 'de-DE', r'''
Sehr geehrte Damen und Herren,
meine Steuer-ID lautet ⟦tax⟧, die meiner Frau ⟦tax⟧. Bitte berücksichtigen Sie den Freistellungsauftrag ab ⟦date⟧.
⟦name#1⟧''', r'''
Personalfragebogen
Name, Vorname: ⟦last#1⟧, ⟦first#1⟧
geboren am: ⟦dob:num⟧
Steuer-Identifikationsnummer: ⟦tax⟧
Steuerklasse: ⟦?I|III|IV|V⟧, Kinderfreibetrag 0,5
IBAN: ⟦iban⟧''', r'''
Finanzamt ⟦city⟧
Identifikationsnummer ⟦tax⟧
Bescheid für 2023 über Einkommensteuer
⟦name#1⟧
⟦addr:ml⟧''', r'''
⟦first#1⟧: hast du meine Steuer ID irgendwo? brauch die für den neuen job
⟦first#2⟧: steht auf der lohnsteuerbescheinigung: ⟦tax⟧
⟦first#1⟧: 🙏''', r'''
Bot: Bitte geben Sie Ihre elfstellige Steuer-ID ein.
Nutzer: ⟦tax:plain⟧
Bot: Vielen Dank. Zu welcher IBAN soll erstattet werden?
Nutzer: ⟦iban⟧''', r'''
mitarbeiter:
⟦*2-4~
~  - name: ⟦name⟧
    steuer_id: "⟦tax⟧"
    eintritt: ⟦date:iso⟧⟧''')
T('natid-dni', 'es-ES', r'''
D. ⟦name#1⟧, mayor de edad, con DNI ⟦dni⟧ y domicilio en ⟦addr⟧, AUTORIZA a D.ª ⟦name#2⟧, con NIE/DNI ⟦dni⟧, a recoger el paquete ⟦order⟧.''', r'''
Hola, para la factura: ⟦name#1⟧, NIF ⟦dni⟧, ⟦addr⟧. Enviadla a ⟦email#1⟧, gracias.''', r'''
Bot: Escriba su DNI o NIE
Usuario: ⟦dni⟧
Bot: Ahora su teléfono móvil
Usuario: ⟦phone:m⟧''', r'''
Lista de alumnos
⟦*3-7~
~⟦n⟧. ⟦name⟧ - DNI ⟦dni⟧⟧''', r'''
REUNIDOS
De una parte, ⟦name#1⟧, provisto de D.N.I. n.º ⟦dni⟧; y de otra, ⟦name#2⟧, provista de D.N.I. n.º ⟦dni⟧, nacida el ⟦dob:long⟧. Ambas partes se reconocen capacidad legal suficiente.''', r'''
⟦first#1⟧: mandame tu dni pa la reserva
⟦first#2⟧: ⟦dni:plain⟧
⟦first#1⟧: y el de ⟦first#3⟧?
⟦first#2⟧: ⟦dni:plain⟧''')
T('natid-cf', 'it-IT', r'''
Il/La sottoscritto/a ⟦name#1⟧, nato/a a ⟦city⟧ il ⟦dob#1⟧, C.F. ⟦cf#1⟧, residente in ⟦addr⟧, dichiara sotto la propria responsabilità quanto segue.''', r'''
Buongiorno, per la fattura i dati sono: ⟦name#1⟧, codice fiscale ⟦cf#1⟧, ⟦addr⟧. Grazie''', r'''
Ricetta medica
Assistito: ⟦name:up#1⟧
CF: ⟦cf#1⟧
Prescrizione: amoxicillina 1 g, 12 compresse
Medico: Dr. ⟦name#2⟧, tel. ⟦phone⟧''', r'''
⟦first#1⟧: mi serve il tuo cod fiscale per il biglietto
⟦first#2⟧: ⟦cf#2⟧
⟦first#1⟧: ok e quello di ⟦first#3⟧?
⟦first#2⟧: ⟦cf#3⟧''', r'''
INSERT INTO assistiti (id, cognome, nome, codice_fiscale) VALUES
⟦*3-5~,
~(⟦num:4⟧, '⟦last#i⟧', '⟦first#i⟧', '⟦cf#i⟧')⟧;''', r'''
Elenco condomini
⟦*3-5~
~- ⟦name#i⟧, C.F. ⟦cf#i⟧, tel. ⟦phone⟧⟧''')
T('natid-nir', 'fr-FR', r'''
Bonjour, mon numéro de sécu est le ⟦nir⟧ et celui de mon conjoint le ⟦nir⟧. Pouvez-vous vérifier la télétransmission ? ⟦name#1⟧''', r'''
FEUILLE DE SOINS
Assuré : ⟦name#1⟧
N° d'immatriculation (sécurité sociale) : ⟦nir#1⟧
Né(e) le : ⟦dob:num#1⟧
Adresse : ⟦addr⟧''', r'''
Bot : Saisissez vos 15 chiffres de numéro de sécurité sociale
Vous : ⟦nir⟧
Bot : Merci. Votre e-mail ?
Vous : ⟦email⟧''', r'''
Bulletin de paie - ⟦company⟧
Salarié : ⟦name#1⟧   N° SS : ⟦nir#1⟧
Emploi : technicien   Net à payer : ⟦amt⟧
Virement sur ⟦iban⟧''', r'''
⟦first#1⟧ : t'as mon n° de sécu ? pour la mutuelle
⟦first#2⟧ : oui attends : ⟦nir⟧
⟦first#1⟧ : merciii''', r'''
Liste des salariés (DSN)
⟦*3-5~
~⟦name#i⟧ | NIR ⟦nir#i⟧ | entrée ⟦date⟧⟧''')
T('natid-nhs', 'en-GB', r'''
Dear Dr ⟦last⟧,
Re: ⟦name#1⟧, DOB ⟦dob⟧, NHS No: ⟦nhs⟧
Thank you for seeing this patient with a 6 week history of dysphagia. Urgent two-week-wait referral.''', r'''
Discharge summary
NHS number: ⟦nhs⟧
Patient: ⟦name#1⟧ (born ⟦dob:long⟧)
GP: The Surgery, ⟦addr⟧
Medication: amlodipine 5 mg od''', r'''
Receptionist: And what's your NHS number, if you have it to hand?
Caller: yes, ⟦nhs⟧
Receptionist: Brilliant, that's you booked in for ⟦time⟧.''', r'''
Vaccination clinic list
⟦*5-7~
~⟦n⟧. ⟦name⟧ NHS ⟦nhs⟧⟧''', r'''
User: I need to request my prescription online
Bot: Please type your 10-digit NHS number.
User: ⟦nhs:plain⟧
Bot: Thanks. What is your mobile number?
User: ⟦phone:m⟧''', r'''
[ward handover]
Bed 4: ⟦name⟧, NHS no. ⟦nhs⟧, NBM from midnight
Bed 5: ⟦name⟧, NHS no. ⟦nhs⟧, awaiting CT
Bed 6: ⟦name⟧, NHS no. ⟦nhs⟧, for discharge''')
T('natid-nino', 'en-GB', r'''
Payroll starter form
Name: ⟦name#1⟧
National Insurance number: ⟦nino⟧
Address: ⟦addr⟧
Start date: ⟦date⟧''', r'''
Hi, HMRC says my NI number ⟦nino⟧ doesn't match my records. My employer has ⟦nino⟧ on file?? Please call me on ⟦phone⟧. ⟦name#1⟧''', r'''
⟦first#1⟧: what's ur national insurance number, boss wants it
⟦first#2⟧: ⟦nino⟧
⟦first#1⟧: ta''', r'''
PAYSLIP  ⟦company⟧
Employee: ⟦name:up#1⟧   NI No: ⟦nino:plain⟧   Tax code: 1257L
Net pay: ⟦amt⟧''', r'''
Universal Credit - appointment notes
Claimant ⟦name#1⟧ (NINO ⟦nino⟧, DOB ⟦dob⟧) attended on ⟦date⟧. Partner: NINO ⟦nino⟧.''', r'''
employees:
⟦*3-5~
~  - {name: "⟦name⟧", nino: "⟦nino:plain⟧", start: ⟦date:iso⟧}⟧''')
T('natid-bsn', 'nl-NL', r'''
Geachte heer/mevrouw, hierbij mijn gegevens voor de aanmelding: ⟦name#1⟧, BSN ⟦bsn⟧, geboren ⟦dob⟧, ⟦addr⟧.''', r'''
Loonstrook - ⟦company⟧
Werknemer: ⟦name#1⟧    BSN: ⟦bsn⟧
Netto: ⟦amt⟧   Rekening: ⟦iban⟧''', r'''
Bot: Vul uw BSN in (9 cijfers)
U: ⟦bsn:plain⟧
Bot: Bedankt, en uw telefoonnummer?
U: ⟦phone⟧''', r'''
Huisartsenpraktijk - inschrijving gezin
⟦*2-5~
~⟦name⟧, geb. ⟦dob⟧, burgerservicenummer ⟦bsn⟧⟧''', r'''
⟦first#1⟧: heb jij mijn bsn nog? voor de belasting
⟦first#2⟧: ja is ⟦bsn:plain⟧
⟦first#1⟧: top''', r'''
{"patienten": [
⟦*3-5~,
~  {"naam": "⟦name⟧", "bsn": "⟦bsn:plain⟧"}⟧
]}''')
T('natid-pesel', 'pl-PL', r'''
Ja, niżej podpisany ⟦name#1⟧, PESEL ⟦pesel#1⟧, zamieszkały w ⟦addr⟧, upoważniam ⟦name#2⟧ (PESEL ⟦pesel#2⟧) do odbioru dokumentów.''', r'''
Karta pacjenta
Nazwisko i imię: ⟦last#1⟧ ⟦first#1⟧
PESEL: ⟦pesel#1⟧
Telefon: ⟦phone⟧
Rozpoznanie: zapalenie oskrzeli''', r'''
Bot: Wpisz swój numer PESEL (11 cyfr)
Ty: ⟦pesel⟧
Bot: Dziękuję. Podaj adres e-mail.
Ty: ⟦email⟧''', r'''
Dzień dobry, w umowie jest błędny pesel, powinno być ⟦pesel⟧. Proszę o korektę. ⟦name#1⟧, tel. ⟦phone⟧''', r'''
Lista uczestników szkolenia
⟦*5-7~
~⟦n⟧. ⟦name#i⟧, PESEL: ⟦pesel#i⟧⟧''', r'''
⟦first#1⟧: podaj pesel do ubezpieczenia
⟦first#2⟧: ⟦pesel⟧
⟦first#1⟧: a ⟦first#3⟧?
⟦first#2⟧: ⟦pesel⟧''')
T('natid-cpf', 'pt-BR', r'''
Eu, ⟦name#1⟧, inscrito no CPF sob o nº ⟦cpf:f⟧, residente em ⟦addr⟧, declaro para os devidos fins que recebi de ⟦name#2⟧, CPF ⟦cpf:f⟧, a quantia de ⟦amt⟧.''', r'''
Oi, quero cancelar minha assinatura. Meu cpf é ⟦cpf⟧ e o e-mail cadastrado é ⟦email#1⟧''', r'''
Bot: Para continuar, digite seu CPF (somente números).
Você: ⟦cpf:plain⟧
Bot: Agora, o celular com DDD.
Você: ⟦phone:m⟧''', r'''
Nota fiscal - ⟦company⟧
Destinatário: ⟦name#1⟧
CPF: ⟦cpf:f⟧
Endereço: ⟦addr⟧
Valor total: ⟦amt⟧''', r'''
Lista de beneficiários:
⟦*3-7~
~- ⟦name⟧ (CPF ⟦cpf:f⟧), nascimento ⟦dob⟧⟧''', r'''
⟦first#1⟧: me passa teu pix
⟦first#2⟧: é o cpf mesmo: ⟦cpf⟧
⟦first#1⟧: blz, mandei ⟦amt⟧''')
T('natid-aadhaar', 'en-IN', r'''
Dear Sir, please find my KYC details: ⟦name#1⟧, DOB ⟦dob⟧, Aadhaar ⟦aadhaar⟧, address ⟦addr⟧. Mobile linked with Aadhaar is ⟦phone⟧.''', r'''
e-KYC form
Applicant: ⟦name:up#1⟧
Aadhaar No: ⟦aadhaar⟧
Nominee: ⟦name#2⟧ (Aadhaar No: ⟦aadhaar⟧)''', r'''
Bot: Kindly enter your Aadhaar number
User: ⟦aadhaar⟧
Bot: OTP sent to the registered mobile.
User: that mobile is closed, new one is ⟦phone⟧''', r'''
⟦first#1⟧: bhai aadhaar no bhej train ticket ke liye
⟦first#2⟧: ⟦aadhaar⟧
⟦first#1⟧: ok thx''', r'''
Hostel admission list
⟦*3-5~
~⟦n⟧. ⟦name⟧ | Aadhaar ⟦aadhaar⟧ | Guardian ph: ⟦phone⟧⟧''', r'''
RENTAL AGREEMENT
Lessor: ⟦name#1⟧, Aadhaar No. ⟦aadhaar⟧, residing at ⟦addr⟧
Lessee: ⟦name#2⟧, Aadhaar No. ⟦aadhaar⟧
Monthly rent: ⟦amt⟧''')
T('natid-pnr', 'sv-SE', r'''
Hej, jag vill säga upp mitt abonnemang. Mitt personnummer är ⟦pnr⟧ och jag nås på ⟦phone⟧.
/⟦name#1⟧''', r'''
Journalanteckning
Patient: ⟦name#1⟧, ⟦pnr#1⟧
Kontaktorsak: hosta sedan tre veckor
Bedömning: sannolikt virusinfektion'''.replace('⟦name#1⟧, ⟦pnr#1⟧', '⟦name#1⟧, personnummer ⟦pnr#1⟧'), r'''
Bot: Ange ditt personnummer (ÅÅÅÅMMDDXXXX)
Du: ⟦pnr:plain⟧
Bot: Tack! Vilken e-post vill du använda?
Du: ⟦email⟧''', r'''
Hyreskontrakt
Hyresvärd: ⟦name#1⟧, pers.nr ⟦pnr#1⟧
Hyresgäst: ⟦name#2⟧, pers.nr ⟦pnr#2⟧
Lägenhet: ⟦addr⟧''', r'''
Deltagarlista
⟦*3-7~
~⟦name#i⟧ (personnr ⟦pnr#i⟧)⟧''', r'''
⟦first#1⟧: skicka ditt personnummer så bokar jag
⟦first#2⟧: ⟦pnr⟧
⟦first#1⟧: och ⟦first#3⟧s?
⟦first#2⟧: ⟦pnr⟧''')
T('natid-hetu', 'fi-FI', r'''
Hei, haluaisin irtisanoa sopimukseni. Henkilötunnukseni on ⟦hetu⟧, puhelin ⟦phone⟧.
⟦name#1⟧''', r'''
Potilaskertomus
Nimi: ⟦name#1⟧
Henkilötunnus: ⟦hetu#1⟧
Tulosyy: yskä, kuume 38,2
Jatkohoito: kontrolli viikon kuluttua''', r'''
Botti: Syötä henkilötunnuksesi
Sinä: ⟦hetu⟧
Botti: Kiitos. Entä sähköpostiosoite?
Sinä: ⟦email⟧''', r'''
Kauppakirja
Myyjä: ⟦name#1⟧ (⟦hetu#1⟧), ⟦addr⟧
Ostaja: ⟦name#2⟧ (⟦hetu#2⟧), ⟦addr⟧
Kauppahinta: ⟦amt⟧''', r'''
Osallistujat
⟦*5-7~
~⟦n⟧. ⟦name#i⟧, hetu ⟦hetu#i⟧⟧''', r'''
⟦first#1⟧: laita sun hetu ni teen varauksen
⟦first#2⟧: ⟦hetu⟧
⟦first#1⟧: ok''')
# mixed
T('natid-mixed', 'en', r'''
Global HR export (one row per country)
country,employee,national_id_type,national_id
DE,⟦name⟧,Steuer-ID,⟦tax:plain⟧
ES,⟦name⟧,DNI,⟦dni:plain⟧
NL,⟦name⟧,BSN,⟦bsn:plain⟧
PL,⟦name⟧,PESEL,⟦pesel⟧
SE,⟦name⟧,personnummer,⟦pnr⟧
FI,⟦name⟧,HETU,⟦hetu⟧''', r'''
{"employees": [
  {"country": "US", "ssn": "⟦ssn⟧"},
  {"country": "GB", "nino": "⟦nino:plain⟧"},
  {"country": "IT", "codice_fiscale": "⟦cf⟧"},
  {"country": "FR", "nir": "⟦nir:plain⟧"},
  {"country": "BR", "cpf": "⟦cpf:f⟧"},
  {"country": "IN", "aadhaar": "⟦aadhaar⟧"}
]}''', r'''
Relocation checklist for ⟦name#1⟧
- Old UK NI number: ⟦nino⟧
- NHS number: ⟦nhs⟧
- New US social security number: ⟦ssn⟧
- Contact while travelling: ⟦phone⟧''')

# ================================================================== additions: cards, IMEI, IPs, credentials in other settings
T('payment', 'de', r'''
Hotelreservierung ⟦num:6⟧
Gast: ⟦name#1⟧
Kreditkarte zur Garantie: ⟦card⟧, gültig bis ⟦int:10-12⟧/⟦int:26-31⟧
Tel. ⟦phone⟧''', r'''
Kunde: meine neue Kartennummer ist ⟦card⟧, die alte ⟦card⟧ ist gesperrt
Agent: Danke, ist hinterlegt. Rechnung weiterhin an ⟦email⟧?
Kunde: ja''')
T('payment', 'fr', r'''
Bonjour, ma carte ⟦card⟧ a été débitée deux fois de ⟦amt⟧. Merci de rembourser sur l'IBAN ⟦iban⟧. ⟦name#1⟧''', r'''
Conseiller : Le numéro de votre carte bancaire, s'il vous plaît ?
Client : ⟦card⟧
Conseiller : Et la date d'expiration ?
Client : ⟦int:10-12⟧/⟦int:26-30⟧''')
T('payment', 'es', r'''
Quiero pagar con la tarjeta ⟦card⟧ (caduca ⟦int:10-12⟧/⟦int:26-30⟧). El recibo, por favor, a ⟦email⟧.''')
T('payment', 'it', r'''
Operatore: Mi può dare il numero della carta?
Cliente: ⟦card⟧
Operatore: Intestata a?
Cliente: ⟦name⟧''')
T('payment', 'nl', r'''
Reservering: ⟦name#1⟧, creditcard ⟦card⟧, vervaldatum ⟦int:10-12⟧/⟦int:26-30⟧, tel. ⟦phone⟧''')
T('payment', 'pl,cs', r'''
⟦L:name⟧: ⟦name#1⟧
⟦L:card⟧: ⟦card⟧
IBAN: ⟦iban⟧
⟦L:phone⟧: ⟦phone⟧''')
T('payment', 'pt', r'''
Cliente: não consigo pagar, o cartão é ⟦card⟧
Atendente: Deu erro mesmo. Tem outro?
Cliente: ⟦card⟧
Atendente: Agora foi, recibo enviado para ⟦email⟧.''')
T('inventory', 'de', r'''
Diebstahlanzeige: Smartphone, IMEI ⟦imei⟧, entwendet am ⟦date⟧ in ⟦city⟧. Geschädigter: ⟦name#1⟧, geb. ⟦dob:num⟧, ⟦addr⟧.''', r'''
Geräteliste
Nutzer;IMEI;Rufnummer
⟦*3-5~
~⟦name⟧;⟦imei:plain⟧;⟦phone⟧⟧''')
T('inventory', 'fr', r'''
Téléphone volé, numéro IMEI : ⟦imei⟧. Merci de bloquer la ligne ⟦phone⟧. ⟦name#1⟧''')
T('inventory', 'es,it,pt', r'''
IMEI: ⟦imei⟧
IMEI 2: ⟦imei⟧
⟦L:mobile⟧: ⟦phone:m⟧
⟦L:email⟧: ⟦email⟧''')
T('inventory', 'sv,da,no,fi', r'''
⟦L:name⟧: ⟦name#1⟧
IMEI: ⟦imei⟧
MAC: ⟦mac⟧
⟦L:ip⟧: ⟦ip⟧''')
T('wallet', 'de', r'''
Meine Bitcoin-Adresse hat sich geändert: ⟦btc⟧ (alt: ⟦btc⟧). ETH bitte an die Wallet ⟦eth⟧.''')
T('wallet', 'fr,es,it', r'''
BTC: ⟦btc⟧
ETH wallet: ⟦eth⟧
⟦L:email⟧: ⟦email⟧''')
T('wallet', 'nl,pl,sv', r'''
{"wallet": "⟦btc⟧", "backup_wallet": "⟦btc⟧", "email": "⟦email⟧"}''')
T('wallet', 'en', r'''
<⟦user⟧> can I tip you?
<⟦user⟧> sure, btc addr is ⟦btc⟧
<⟦user⟧> eth?
<⟦user⟧> wallet ⟦eth⟧''')
T('slack', 'en', r'''
[
  {"type": "message", "user": "U0⟦num:6⟧", "ts": "17⟦num:8⟧.000200", "text": "prod db is ⟦ip:priv⟧, replica ⟦ip:priv⟧"},
  {"type": "message", "user": "U0⟦num:6⟧", "ts": "17⟦num:8⟧.000300", "text": "and the pw? last one was ⟦pw⟧"},
  {"type": "message", "user": "U0⟦num:6⟧", "ts": "17⟦num:8⟧.000400", "text": "new password: ⟦pw⟧"}
]''', r'''
{"channel": "C0⟦num:6⟧", "messages": [{"user": "⟦user⟧", "text": "anyone have the token for the npm registry?"}, {"user": "⟦user⟧", "text": "⟦sec:npm⟧"}, {"user": "⟦user⟧", "text": "and mail me at <mailto:⟦email#1⟧|⟦email#1⟧>"}]}'''.replace('|⟦email#1⟧>', '|⟦email#1⟧>'), r'''
{"ok": true, "members": [
⟦*2-4~,
~  {"id": "U0⟦num:6⟧", "profile": {"real_name": "⟦name#i⟧", "email": "⟦email:work#i⟧", "phone": "⟦phone⟧"}}⟧
]}''')
T('config', 'en', r'''
# celery
broker_url = "amqp://⟦urlc⟧@⟦host⟧.⟦dom⟧:5672//"
result_backend = "redis://⟦urlc⟧@⟦ip:priv⟧:6379/1"''', r'''
sources:
⟦*2-4~
~  - name: feed⟦n⟧
    uri: https://⟦urlc⟧@feeds.⟦dom⟧/v⟦n⟧/export.xml⟧''', r'''
[remote "origin"]
    url = https://⟦urlc⟧@git.⟦dom⟧/web/shop.git
[http]
    proxy = http://⟦urlc⟧@⟦ip:priv⟧:8080''', r'''
upstream backend {
⟦*2-4~
~    server ⟦ip:priv⟧:8080;⟧
    server [⟦ip6⟧]:8080 backup;
}
allow ⟦ip:pub⟧;
deny all;''', r'''
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['⟦ip:priv⟧:9100', '⟦ip:priv⟧:9100', '⟦ip:priv⟧:9100']
    basic_auth:
      username: prom
      password: ⟦pw:cfg⟧''', r'''
wifi.ssid=⟦word⟧
wifi.password=⟦pw:cfg⟧
mqtt.host=⟦ip:priv⟧
mqtt.token=⟦sec:an⟧
device.mac=⟦mac⟧''', r'''
$TTL 3600
@    IN  A     ⟦ip:pub⟧
@    IN  AAAA  ⟦ip6⟧
mail IN  A     ⟦ip:pub⟧
vpn  IN  A     ⟦ip:pub⟧''', r'''
{"api_key": "⟦sec:hex32⟧", "api_secret": "⟦sec:hex64⟧", "webhook_secret": "⟦sec:b64s⟧", "timeout": 30}''', r'''
<settings>
  <server><id>releases</id><username>⟦user⟧</username><password>⟦pw:cfg⟧</password></server>
  <server><id>snapshots</id><username>⟦user⟧</username><password>⟦pw:cfg⟧</password></server>
</settings>''', r'''
define('DB_NAME', 'wp_shop');
define('DB_USER', '⟦user⟧');
define('DB_PASSWORD', '⟦pw:cfg⟧');
define('DB_HOST', '⟦ip:priv⟧');
define('AUTH_KEY', '⟦sec:an⟧');''')
T('log', 'en', r'''
⟦*4-7~
~⟦dt⟧ nginx: client ⟦?⟦ip:pub⟧|⟦ip6⟧⟧ closed keepalive connection⟧''', r'''
⟦*3-5~
~⟦dt⟧ vpn: user ⟦email⟧ assigned ⟦ip:priv⟧ from ⟦ip:pub⟧⟧''', r'''
bgp summary
Neighbor          AS      State
⟦*3-5~
~⟦ip:pub⟧   65⟦num:3⟧   Established⟧
⟦ip6⟧   65⟦num:3⟧   Idle''', r'''
$ dig +short ⟦dom⟧
⟦ip:pub⟧
⟦ip:pub⟧
$ nslookup mail.⟦dom⟧
Server:  ⟦ip:priv#1⟧
Address: ⟦ip:priv#1⟧#53
Name: mail.⟦dom⟧
Address: ⟦ip:pub⟧''', r'''
+ docker login -u ⟦user⟧ -p ⟦pw:cfg⟧ registry.⟦dom⟧
Login Succeeded
+ export DEPLOY_TOKEN=⟦sec:glpat⟧
+ kubectl rollout restart deploy/api''')
T('ticket', 'en', r'''
Hi, I accidentally pushed our AWS key to a public repo: ⟦sec:aws_id⟧ / ⟦sec:aws_secret⟧. Can you revoke it right away? We see logins from ⟦ip:pub⟧ and ⟦ip:pub⟧ already.
⟦name#1⟧''', r'''
Issue #⟦num:4⟧: 403 from the API

Steps: run `curl -H "X-Api-Key: ⟦sec:an⟧" https://api.⟦dom⟧/v2/items`
Expected: 200. Got: 403. My outgoing IP is ⟦ip⟧.''', r'''
The conference bridge changed. Dial-in numbers:
US: ⟦phone:@en-US:intl⟧
UK: ⟦phone:@en-GB:intl⟧
Germany: ⟦phone:@de-DE:intl⟧
France: ⟦phone:@fr-FR:intl⟧
India: ⟦phone:@en-IN:intl⟧''', r'''
Warehouse addresses for returns
Germany: ⟦addr:@de-DE⟧
Spain: ⟦addr:@es-ES⟧
Netherlands: ⟦addr:@nl-NL⟧
UK: ⟦addr:@en-GB⟧
Any question: ⟦email:role⟧''')
T('email', 'en', r'''
Hello,
the contact form on our site accepts ⟦email:plus⟧ but not ⟦email:idn⟧. Is that a known bug? You can reply to ⟦email#1⟧.
⟦name#1⟧''')
T('email', 'de,fr,es', r'''
⟦L:subj⟧: VPN
⟦L:user⟧: ⟦user⟧
⟦L:pw⟧: ⟦pw⟧
Gateway: ⟦ip:pub⟧
⟦fill⟧''')
T('email', 'da', r'''
Hej ⟦first#2⟧
Din konto er oprettet. Brugernavn: ⟦user#2⟧, midlertidig adgangskode: ⟦pw⟧
Ring på ⟦phone⟧, hvis du har spørgsmål.
Venlig hilsen ⟦name#1⟧, ⟦company⟧, ⟦addr⟧''')
T('letter', 'no', r'''
Legeerklæring
Pasient: ⟦name#1⟧, født ⟦dob⟧
Adresse: ⟦addr⟧
Telefon: ⟦phone⟧
Pasienten er sykmeldt fra ⟦date⟧.''')
T('letter', 'cs', r'''
Smlouva o nájmu
Pronajímatel: ⟦name#1⟧, bytem ⟦addr⟧
Nájemce: ⟦name#2⟧, nar. ⟦dob⟧, tel. ⟦phone⟧, e-mail ⟦email#2⟧
Číslo účtu: ⟦iban⟧''', r'''
Lékařská zpráva
Pacient: ⟦name#1⟧, narozen ⟦dob⟧, bydliště ⟦addr⟧
Obj.: bolesti zad, kontrola za 14 dní.''')
T('letter', 'da', r'''
LEJEKONTRAKT
Udlejer: ⟦name#1⟧, ⟦addr⟧
Lejer: ⟦name#2⟧, født den ⟦dob:long⟧, tlf. ⟦phone⟧
Husleje: ⟦amt⟧ til konto ⟦iban⟧''')
T('note', 'fr,it,es,pt', r'''
⟦*4-6~
~- ⟦name⟧ (⟦L:dob⟧: ⟦dob:num⟧), ⟦L:mobile⟧ ⟦phone:m⟧⟧''')
T('note', 'pl', r'''
Lista urodzin w dziale
⟦*4-7~
~⟦name⟧ – ur. ⟦dob:num⟧⟧''')
T('note', 'nl', r'''
Verjaardagen team
⟦*4-7~
~⟦name⟧, geboren op ⟦dob:long⟧⟧''')

# ================================================================== hard negatives
H('order', 'en', r'''
Your order number is ⟦bad:card⟧ and the invoice number is INV-⟦num:8⟧. Delivery between 9 and 12 on ⟦date⟧.''', r'''
Part no. ⟦acc:bsn⟧ is out of stock; the replacement part is ⟦acc:nhs⟧. Lead time is 3 weeks.''', r'''
Tracking: 1Z999AA1⟦num:8⟧, reference ⟦num:7⟧, weight 2.4 kg, dimensions 30x20x15.''', r'''
Order ⟦order⟧ | qty 4 | SKU 4006381-⟦num:3⟧ | batch L⟦num:6⟧ | best before ⟦date⟧''', r'''
PO ⟦num:10⟧ / line 20 / material ⟦num:8⟧ / plant 1010 / delivery date ⟦date:iso⟧''', r'''
User: where is my parcel?
Bot: Please enter your order number.
User: ⟦num:8⟧
Bot: Your order left our warehouse on ⟦date⟧.''', r'''
Serial number: ⟦acc:cpf⟧
Product key label is on the underside of the ⟦product⟧. Warranty until ⟦date⟧.''', r'''
Ticket ⟦ticket⟧ closed. Case reference ⟦acc:pesel⟧, closing code 30.''')
H('order', 'de', r'''
Ihre Bestellnummer lautet ⟦acc:tax⟧, die Rechnungsnummer RE-⟦num:7⟧. Lieferung am ⟦date⟧.''', r'''
Artikelnr. ⟦num:8⟧, Charge ⟦num:6⟧, EAN ⟦=4006381333931⟧, Gewicht 350 g''', r'''
Aktenzeichen 12 O 345/22, Vorgangsnummer ⟦num:9⟧, Kassenzeichen ⟦num:10⟧.''', r'''
Agent: Bitte nennen Sie mir Ihre Kundennummer.
Kunde: ⟦num:8⟧
Agent: Danke, und die Bestellnummer?
Kunde: ⟦num:10⟧''')
H('order', 'fr', r'''
Votre commande n° ⟦num:9⟧ du ⟦date⟧ a été expédiée. Numéro de suivi : 6A⟦num:11⟧.''', r'''
Facture n° F-⟦num:8⟧, échéance ⟦date⟧, total TTC ⟦amt⟧.''')
H('order', 'es', r'''
Número de pedido: ⟦num:9⟧. Fecha prevista de entrega: ⟦date⟧. Importe: ⟦amt⟧.''', r'''
Expediente ⟦num:8⟧/2024. Ref. catastral pendiente. Plazo: diez días hábiles.''')
H('order', 'it', r'Ordine n. ⟦num:9⟧ del ⟦date⟧, lotto ⟦num:6⟧, importo ⟦amt⟧. Corriere: ritiro previsto alle ⟦time⟧.')
H('order', 'nl', r'''Uw bestelnummer is ⟦acc:bsn⟧ en uw klantnummer ⟦num:6⟧. We bezorgen op ⟦date⟧.''')
H('order', 'pl', r'''Numer zamówienia: ⟦acc:pesel⟧, faktura FV/⟦num:4⟧/2024, kwota ⟦amt⟧.''')
H('order', 'pt', r'''Pedido nº ⟦num:9⟧, protocolo de atendimento ⟦num:12⟧, valor ⟦amt⟧.''')
H('order', 'sv', r'''Ordernummer ⟦num:9⟧, beräknad leverans ⟦date⟧, belopp ⟦amt⟧.''')
H('order', 'fi', r'''Tilausnumero ⟦num:8⟧, viitenumero ⟦num:9⟧, eräpäivä ⟦date⟧, summa ⟦amt⟧.''')
H('order', 'da,no', r'''Ordrenr. ⟦num:8⟧, faktura ⟦num:7⟧, beløb ⟦amt⟧, forfald ⟦date⟧.''')
H('order', 'cs', r'''Objednávka č. ⟦num:9⟧, faktura ⟦num:8⟧, částka ⟦amt⟧, splatnost ⟦date⟧.''')

H('badnum', 'en', r'''
The validator rejects the card ⟦bad:card⟧ because the check digit is wrong.''', r'''
assert not luhn("⟦bad:card⟧")
assert not luhn("⟦bad:card⟧")''', r'''
User: my card won't go through: ⟦bad:card⟧
Agent: That number has a typo, please check the last digits on the front of the card.''', r'''
Payment with card **** **** **** ⟦num:4⟧ (exp ⟦int:10-12⟧/27) was declined.''', r'''
Error: invalid IBAN "⟦bad:iban⟧" (checksum mismatch) in row ⟦num:3⟧''', r'''
Our IBAN form rejected ⟦bad:iban⟧. Please check the account number with your bank.''', r'''
SSNs starting with 000, 666 or 9xx, with group 00 or serial 0000 are never issued, e.g. ⟦bad:ssn⟧ or ⟦bad:ssn⟧.''', r'''
invalid_ssn = ["⟦bad:ssn⟧", "⟦bad:ssn⟧", "⟦bad:ssn⟧"]''', r'''
IMEI ⟦bad:imei⟧ is not valid (Luhn check failed), please dial *#06# again.''', r'''
"⟦bad:btc⟧" is not a valid bitcoin address: checksum error''', r'''
row,value,result
1,⟦bad:iban⟧,FAIL
2,⟦bad:card⟧,FAIL
3,⟦bad:imei⟧,FAIL''', r'''
Please enter your card number in the format 1234 5678 9012 3456. Do not enter the CVV here.'''.replace('1234 5678 9012 3456', '⟦=XXXX XXXX XXXX XXXX⟧'))
H('badnum', 'en-GB', r'''
NHS number ⟦bad:nhs⟧ failed the modulus 11 check, record not created.''', r'''
The NI number ⟦bad:nino⟧ has an invalid prefix or suffix and was rejected by the payroll software.''', r'''
nino_tests = {"⟦bad:nino⟧": False, "⟦bad:nino⟧": False}''')
H('badnum', 'de-DE', r'''
Die Steuer-ID ⟦bad:tax⟧ ist ungültig (Prüfziffer falsch). Bitte prüfen Sie Ihre Eingabe.''', r'''
IBAN-Prüfung fehlgeschlagen: ⟦bad:iban⟧''', r'''
Fehler: Kartennummer ⟦bad:card⟧ ungültig, Zahlung abgebrochen.''')
H('badnum', 'es-ES', r'''
El DNI ⟦bad:dni⟧ no es válido: la letra no coincide con el número.''', r'''
El IBAN ⟦bad:iban⟧ es incorrecto, revise los dígitos de control.''')
H('badnum', 'it-IT', r'''
Codice fiscale ⟦bad:cf⟧ non valido: carattere di controllo errato.''', r'''L'IBAN ⟦bad:iban⟧ risulta errato, la disposizione è stata respinta.''')
H('badnum', 'fr-FR', r'''
Le numéro ⟦bad:nir⟧ est invalide (clé incorrecte), veuillez le saisir à nouveau.''', r'''IBAN refusé : ⟦bad:iban⟧ (clé de contrôle erronée)''')
H('badnum', 'nl-NL', r'''
BSN ⟦bad:bsn⟧ voldoet niet aan de elfproef.''')
H('badnum', 'pl-PL', r'''
PESEL ⟦bad:pesel⟧ jest nieprawidłowy (błędna cyfra kontrolna).''')
H('badnum', 'pt-BR', r'''
O CPF ⟦bad:cpf⟧ é inválido. Verifique os dígitos e tente novamente.''')
H('badnum', 'en-IN', r'''
Aadhaar ⟦bad:aadhaar⟧ is invalid (Verhoeff check failed). Please re-enter.''')
H('badnum', 'sv-SE', r'''
Personnumret ⟦bad:pnr⟧ är ogiltigt, kontrollsiffran stämmer inte.''')
H('badnum', 'fi-FI', r'''
Henkilötunnus ⟦bad:hetu⟧ on virheellinen (tarkistusmerkki ei täsmää).''')
H('badnum', 'en', r'''
MRZ check failed, composite check digit wrong:
⟦bad:mrz⟧''')

H('secret', 'en', r'''
DB_PASSWORD=changeme
API_KEY=<your-api-key>
SECRET_TOKEN=${SECRET_TOKEN}
STRIPE_KEY=sk_live_xxxxxxxx''', r'''
import os
password = os.environ["DB_PASSWORD"]
api_key = os.getenv("API_KEY")
token = get_token(scope="read")''', r'''
Passwords must be at least 12 characters long and contain one digit, one upper case letter and one symbol. Passwords expire after 90 days.''', r'''
Forgot your password? Click the link below to reset it. The link is valid for 24 hours. We will never ask you for your password.''', r'''
def check_password(password: str, password_hash: str) -> bool:
    return bcrypt.checkpw(password.encode(), password_hash.encode())''', r'''
spring:
  datasource:
    username: ${DB_USER}
    password: ${DB_PASSWORD}''', r'''
apiVersion: v1
kind: Pod
spec:
  containers:
    - env:
        - name: API_TOKEN
          valueFrom:
            secretKeyRef: {name: api-creds, key: token}''', r'''
Username: ⟦user⟧
Password: ********
[ ] Remember me   [Sign in]''', r'''
commit ⟦hex:40⟧
Author: ⟦name⟧
Date:   ⟦date⟧

    Rename password field to passphrase in login form''', r'''
SHA256 (release-⟦ver⟧.tar.gz) = ⟦hex:64⟧
MD5 (release-⟦ver⟧.tar.gz) = ⟦hex:32⟧''', r'''
"dependencies": {
  "⟦=@babel/core⟧": "^7.23.2",
  "left-pad": {"integrity": "sha512-⟦hex:40⟧"}
}''', r'''
resource "aws_db_instance" "main" {
  username = var.db_user
  password = var.db_password
}''', r'''
curl -H "Authorization: Bearer $TOKEN" https://api.⟦dom⟧/v1/me
curl -u "$USER:$PASS" https://api.⟦dom⟧/v1/me''', r'''
Set OPENAI_API_KEY=sk-... in your shell, then run `make demo`. Get your key from the dashboard.''', r'''
<input type="password" name="password" placeholder="Enter your password" autocomplete="current-password">''', r'''
trace id ⟦hex:32⟧ span ⟦hex:16⟧ request ⟦uuid⟧ took 35 ms''', r'''
etag: "⟦hex:32⟧"
x-request-id: ⟦uuid⟧
cache-control: max-age=600''', r'''
FROM python:3.12-slim@sha256:⟦hex:64⟧
RUN pip install --no-cache-dir flask==⟦ver⟧''', r'''
git checkout ⟦hex:40⟧
git cherry-pick ⟦hex:8⟧ ⟦hex:8⟧''', r'''
public String getPassword() { return this.password; }
public void setApiKey(String apiKey) { this.apiKey = apiKey; }''', r'''
User: I forgot my password
Agent: No problem, I have sent you a reset link.
User: got it, all working now''', r'''
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
-----END PUBLIC KEY-----'''.replace('-----BEGIN PUBLIC KEY-----', '⟦=-----BEGIN PUBLIC KEY-----⟧'), r'''
The token bucket algorithm allows bursts: each request consumes one token, tokens are refilled at 10 per second.''', r'''
password: "{{ vault_db_password }}"
api_key: !vault-ref secret/data/api#key
token: null''', r'''
errors:
  password_too_short: "Password is too short"
  token_expired: "Your token has expired"
  secret_required: "Secret is required"''')
H('secret', 'de', r'''
Bitte vergeben Sie ein neues Passwort. Es muss mindestens 10 Zeichen, eine Zahl und ein Sonderzeichen enthalten.''', r'''
Geben Sie Ihr Passwort niemals weiter, auch nicht an unsere Mitarbeiter. Wir fragen Sie nie nach PIN oder TAN.''', r'''
Benutzername: ⟦user⟧
Passwort: ••••••••
Letzte Anmeldung: ⟦date⟧, ⟦time⟧ Uhr''')
H('secret', 'fr', r'''Votre mot de passe doit contenir au moins 8 caractères. Ne le communiquez à personne.''', r'''Mot de passe oublié ? Cliquez sur le lien reçu par e-mail, valable 24 heures.''')
H('secret', 'es', r'''¿Olvidó su contraseña? Pulse en «Recuperar contraseña» y siga las instrucciones.''')
H('secret', 'it', r'''La password deve contenere almeno 8 caratteri, un numero e una maiuscola. Scade ogni 90 giorni.''')
H('secret', 'nl', r'''Uw wachtwoord verloopt over 5 dagen. Kies een nieuw wachtwoord van minimaal 10 tekens.''')
H('secret', 'pl', r'''Hasło musi mieć co najmniej 8 znaków. Nigdy nie podawaj hasła innym osobom.''')
H('secret', 'pt', r'''Esqueceu a senha? Clique em "Redefinir senha". A senha deve ter no mínimo 8 caracteres.''')

H('net', 'en', r'''
Server listening on http://127.0.0.1:8080 and 0.0.0.0:9090 (pid ⟦num:4⟧)''', r'''
Subnet mask: 255.255.255.0, broadcast 255.255.255.255, loopback ::1''', r'''
Upgraded from ⟦=10.0.19045.3803⟧ to ⟦=10.0.22631.2861⟧ (Windows build). Driver version ⟦ver4⟧.''', r'''
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/⟦chr⟧ Safari/537.36 Edg/⟦chr⟧''', r'''
See section ⟦=4.2.1.3⟧ of the standard and clause ⟦=7.1.2.4⟧ of the annex.''', r'''
OID 1.3.6.1.4.1.311.20.2.3 (UPN), snmpwalk .1.3.6.1.2.1.1.5.0''', r'''
link/ether 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff''', r'''
localhost resolves to 127.0.0.1 and ::1; bind to 0.0.0.0 to accept all connections.''', r'''
AssemblyVersion("⟦ver4⟧")
FileVersion("⟦ver4⟧")''', r'''
Firmware ⟦ver4⟧ fixes the reboot loop. Release date: ⟦date⟧.''', r'''
allow 0.0.0.0/0 port 443
deny all''', r'''
[⟦hms⟧] test took 00:01:23.456, started ⟦dt:T⟧+00:00''', r'''
std::vector<int>::iterator it; boost::asio::ip::tcp::socket s; a::b::c::d()''', r'''
git remote -v
origin  ⟦=git@github.com⟧:acme/widgets.git (fetch)
origin  ⟦=git@github.com⟧:acme/widgets.git (push)'''.replace('⟦=git@github.com⟧', '⟦=git@github.com⟧'), r'''
npm install @types/node @angular/core@⟦ver⟧ --save-dev'''.replace('@angular/core@⟦ver⟧', '⟦=@angular/core@17.0.2⟧'), r'''
<img src="hero@2x.png" srcset="hero@3x.png 3x">'''.replace('hero@2x.png', '⟦=hero@2x.png⟧').replace('hero@3x.png', '⟦=hero@3x.png⟧'), r'''
@app.route("/users")
@login_required
def users(): ...''', r'''
Contact me at jane (at) company (dot) org or on Mastodon.''', r'''
ssh deploy@⟦host⟧ "uptime" && rsync -av build/ deploy@⟦host⟧:/srv/''', r'''
postgres://user:password@localhost:5432/mydb'''.replace('user:password@localhost', '⟦=user:password@localhost⟧').replace('postgres://', '⟦=postgres://⟧'), r'''
git clone https://<user>:<token>@git.⟦dom⟧/repo.git
DATABASE_URL=postgres://${DB_USER}:${DB_PASS}@db:5432/app'''.replace('https://<user>:<token>@', '⟦=https://<user>:<token>@⟧').replace('postgres://${DB_USER}:${DB_PASS}@', '⟦=postgres://${DB_USER}:${DB_PASS}@⟧'), r'''
https://www.⟦dom⟧:8443/path?time=12:30&ref=⟦num:8⟧#section-2''', r'''
Follow us: @⟦word⟧ on X, @⟦user⟧ on Instagram''', r'''
transaction ⟦tx⟧ confirmed in block 19⟦num:6⟧ (gas 21000)''', r'''
Merkle root: ⟦hex:64⟧
previous block: 00000000000000000⟦hex:47⟧''', r'''
color: #ff8800; background: #1a2b3c; font: 12px/1.5 "Fira Sans";''', r'''
{"id": "⟦uuid⟧", "parent": "⟦uuid⟧", "sha": "⟦hex:40⟧"}''')

H('phone', 'en', r'''
In an emergency call 911 (or 112 in Europe). For non-emergencies dial 311.''', r'''
Call extension ⟦int:1000-9999⟧ or press 0 for reception.''', r'''
The range 555-0100 to 555-0199 is reserved for fiction. Your phone number should have ten digits.'''.replace('555-0100 to 555-0199', '0100 to 0199'), r'''
Sales rose from 1,234,567 to 2,345,678 units between 2019 and 2023, i.e. by 90.0%.''', r'''
Score: 212-198, attendance 45 678, season 2023-2024, page 123-456.''', r'''
ISBN 978-3-16-148410-0, DOI 10.1000/182, pages 112-130''', r'''
Latitude 48.208176, longitude 16.373819, altitude 151 m''', r'''
Text STOP to 81234 to unsubscribe. Msg & data rates may apply.''', r'''
We could not reach you by phone. Please add a phone number to your profile under Settings > Contact.''', r'''
timestamp=17⟦num:8⟧ duration=3600 bytes=⟦num:8⟧''', r'''
Meter reading ⟦num:6⟧ kWh, previous ⟦num:6⟧ kWh, period ⟦date⟧ - ⟦date⟧''', r'''
Flight LH 2024 departs ⟦time⟧, gate B22, seat 14C, booking code X7KQ2M''', r'''
Shares: 12 345 678 outstanding, par value 0.01, market cap 4 560 000 000''')
H('phone', 'de', r'''
Im Notfall wählen Sie 112, die Polizei erreichen Sie unter 110.''', r'''
Umsatz 2022: 1.234.567 EUR, 2023: 1.345.678 EUR (+9 %). Bilanzsumme 12.345.678 EUR.''', r'''
Zählernummer ⟦num:8⟧, Zählerstand ⟦num:5⟧ kWh, Ablesung am ⟦date⟧''', r'''
Bitte hinterlegen Sie eine Telefonnummer, damit der Fahrer Sie erreichen kann.''', r'''
Steuernummer und USt-IdNr. finden Sie auf Seite 2 der Rechnung ⟦num:6⟧.''')
H('phone', 'fr', r'''En cas d'urgence, composez le 15, le 17, le 18 ou le 112.''', r'''Chiffre d'affaires : 12 345 678 euros en 2023, soit 1 234 salariés.''')
H('phone', 'es', r'''Emergencias: 112. Policía: 091. Atención al cliente en la pestaña «Ayuda».''')
H('phone', 'it', r'''In caso di emergenza chiamare il 112 o il 118. Codice pratica ⟦num:7⟧.''')
H('phone', 'pt', r'''Em caso de emergência, ligue 190 ou 192. Protocolo ⟦num:8⟧.''')
H('phone', 'sv', r'''I en nödsituation ringer du 112. ⟦fill⟧''')
H('phone', 'fi', r'''Hätätilanteessa soita 112. ⟦fill⟧''')

H('address', 'en', r'''
The Battle of ⟦city⟧ is commemorated every year; the parade goes along ⟦street⟧ to the town hall.''', r'''
⟦city⟧ is in ⟦country⟧. The postcode area there is ⟦zip⟧.''', r'''
I grew up near ⟦street⟧ but moved to ⟦city⟧ in ⟦year⟧.''', r'''
Wall Street closed higher; Fleet Street papers were unimpressed. 10-year yields rose 5 basis points.''', r'''
Traffic on ⟦street⟧ between junction 4 and junction 7 is closed until ⟦date⟧ due to roadworks.''', r'''
Shipping to ⟦country⟧ takes 3-5 working days. Please enter your street, house number and postcode at checkout.''', r'''
Form fields: [Street] [House number] [Postcode] [City] [Country]''', r'''
The band played 45 shows on Broadway and 12 in ⟦city⟧.''', r'''
Chapter 12 Road Safety, page 34; Chapter 13 Street Lighting, page 40''', r'''
Room 14, 3rd floor, building B - meeting moved to ⟦time⟧''')
H('address', 'de', r'''
Die ⟦street⟧ in ⟦city⟧ wird ab ⟦date⟧ gesperrt. Umleitung über die B 27.''', r'''
Wir liefern in folgende Länder: ⟦country⟧ und Nachbarstaaten, auch in die Region ⟦zip⟧. Bitte geben Sie Straße und Hausnummer an.''', r'''
In ⟦city⟧ gab es 12 Unfälle auf der A 8 und 3 auf der Landstraße.''')
H('address', 'fr', r'''Travaux à ⟦city⟧ (⟦street⟧) : circulation fermée jusqu'au ⟦date⟧.''', r'''Nous livrons à ⟦city⟧ et dans toute la région (code postal ⟦zip⟧).''')
H('address', 'es', r'''La ⟦street⟧ de ⟦city⟧ estará cortada al tráfico hasta el ⟦date⟧.''')
H('address', 'it', r'''Lavori in ⟦street⟧ a ⟦city⟧ fino al ⟦date⟧, previste code.''')
H('address', 'nl', r'''De ⟦street⟧ in ⟦city⟧ is tot ⟦date⟧ afgesloten voor verkeer.''')
H('address', 'pl', r'''Remont przy ⟦street⟧ w mieście ⟦city⟧ potrwa do ⟦date⟧.''')

H('date', 'en', r'''
⟦company⟧ was founded on ⟦date:long⟧ in ⟦city⟧ and has ⟦num:3⟧ employees.''', r'''
Contract start ⟦date⟧, end ⟦date⟧, notice period 3 months.''', r'''
The patient is ⟦int:20-90⟧ years old and was admitted on ⟦date⟧. Next appointment: ⟦date⟧ at ⟦time⟧.''', r'''
He was born in ⟦int:1920-1985⟧ and studied physics in ⟦city⟧.''', r'''
Please enter your date of birth in the format DD/MM/YYYY. You must be over 18.''', r'''
Created: ⟦dt⟧ | Updated: ⟦dt⟧ | Due: ⟦date⟧''', r'''
Last birthday we had cake on ⟦date⟧; the office party is on ⟦date⟧.'''.replace('Last birthday we had cake on', 'The team had cake on'), r'''
Invoice date ⟦date⟧, due date ⟦date⟧, total ⟦amt⟧''', r'''
| version | released |
|---|---|
| ⟦ver⟧ | ⟦date⟧ |
| ⟦ver⟧ | ⟦date⟧ |''')
H('date', 'de', r'''
Die Firma ⟦company⟧ wurde am ⟦date:long⟧ gegründet.''', r'''
Vertragsbeginn ⟦date⟧, Kündigungsfrist drei Monate zum Quartalsende.''', r'''
Er ist ⟦int:20-80⟧ Jahre alt, geboren in ⟦city⟧, und arbeitet seit ⟦year⟧ bei uns.''', r'''
Bitte geben Sie Ihr Geburtsdatum im Format TT.MM.JJJJ ein.''')
H('date', 'fr', r'''L'entreprise ⟦company⟧ a été fondée le ⟦date:long⟧.''', r'''Rendez-vous le ⟦date⟧ à ⟦time⟧, contrôle technique valable jusqu'au ⟦date⟧.''')
H('date', 'es', r'''La empresa ⟦company⟧ se fundó el ⟦date:long⟧ en ⟦city⟧.''', r'''Introduzca su fecha de nacimiento (DD/MM/AAAA).''')
H('date', 'it', r'''La società ⟦company⟧ è stata costituita il ⟦date:long⟧.''')
H('date', 'nl', r'''Het bedrijf ⟦company⟧ is opgericht op ⟦date:long⟧.''')
H('date', 'pt', r'''A empresa ⟦company⟧ foi fundada em ⟦date:long⟧.''')
H('date', 'pl', r'''Firma ⟦company⟧ została założona ⟦date:long⟧.''')
H('date', 'sv', r'''Företaget ⟦company⟧ grundades ⟦date:long⟧ i ⟦city⟧.''')
H('date', 'fi', r'''Yritys ⟦company⟧ perustettiin ⟦date:iso⟧.''')
H('date', 'da', r'''Firmaet ⟦company⟧ blev stiftet ⟦date:long⟧.''')
H('date', 'no', r'''Selskapet ⟦company⟧ ble stiftet ⟦date:long⟧.''')
H('date', 'cs', r'''Společnost ⟦company⟧ byla založena ⟦date:long⟧.''')
H('plain', 'en', r'''
Hi ⟦first⟧, thanks for the update. ⟦fill⟧ ⟦fill⟧''', r'''
Agent: How can I help?
User: my ⟦product⟧ makes a strange noise
Agent: Have you tried cleaning the filter? ⟦fill⟧''', r'''
# Changelog
## ⟦ver⟧ - ⟦date:iso⟧
- Fixed crash on start (#⟦num:4⟧)
- Updated dependency to ⟦ver⟧''', r'''
Recipe: 250 g flour, 120 g butter, 3 eggs, bake 35 min at 180 degrees.''', r'''
for i in range(100): total += prices[i] * 1.19
print(f"{total:.2f}")''')
H('plain', 'de', r'''Hallo ⟦first⟧, danke für die Rückmeldung. ⟦fill⟧ ⟦fill⟧''')
H('plain', 'fr', r'''Bonjour ⟦first⟧, merci pour votre message. ⟦fill⟧ ⟦fill⟧''')
H('plain', 'es', r'''Hola, ⟦first⟧: gracias por escribir. ⟦fill⟧ ⟦fill⟧''')
H('plain', 'nl', r'''Beste ⟦first⟧, bedankt voor uw bericht. ⟦fill⟧ ⟦fill⟧''')
H('plain', 'cs', r'''Dobrý den, ⟦first⟧, děkujeme za zprávu. ⟦fill⟧ ⟦fill⟧''')

# ================================================================== main
def kinds_of(t):
    return {LABELLED[k] for k in re.findall(r'⟦([a-z0-9]+)', t) if k in LABELLED}
TARGET = {t: 150 for t in TYPES}
TARGET.update(address=425, phone=425, birth_date=425, secret=425, ip=425, email=425)

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--seed', type=int, default=21); ap.add_argument('--documents', type=int, default=1400)
    ap.add_argument('--hard', type=int, default=600); ap.add_argument('--stats', action='store_true')
    a = ap.parse_args()
    r = random.Random(a.seed)
    have, used, nt, seen = collections.Counter(), collections.Counter(), collections.defaultdict(set), set()
    by = collections.defaultdict(list)
    for t in TEMPLATES:
        for k in kinds_of(t[3]): by[k].append(t)
    queue, docs = [], []
    while len(docs) < a.documents:
        if len(docs) < len(TEMPLATES):
            if not queue: queue = TEMPLATES[:]; r.shuffle(queue)
            t = queue.pop()
        else:
            k = min(TYPES, key=lambda x: have[x] / (TARGET[x] * a.documents / 1400))
            if have[k] >= TARGET[k] * a.documents / 1400: t = r.choice(TEMPLATES)
            else:
                c = r.sample(by[k], min(6, len(by[k]))); t = min(c, key=lambda x: used[x[0]] - r.random() - 1.5 * ('⟦*' in x[3]))
        for _ in range(20):
            c, text, spans = make(r, t, False)
            if text not in seen: break
        if text in seen: continue
        seen.add(text); used[t[0]] += 1
        for s, e, k in spans: have[k] += 1; nt[k].add(t[0])
        docs.append((t, c, text, spans, False))
    hq = []; hard = []; tries = 0
    while len(hard) < a.hard:
        if not hq: hq = HARD[:]; r.shuffle(hq)
        t = hq.pop(); tries += 1
        c, text, spans = make(r, t, True)
        if text in seen:
            if tries > 20 * a.hard: raise SystemExit('too few different hard documents')
            continue
        seen.add(text); hard.append((t, c, text, spans, True))
    for i, (t, c, text, spans, h) in enumerate(docs + hard):
        for s, e, k in spans: assert CHECK[k](text[s:e]) and 0 <= s < e <= len(text)
        print(json.dumps({'id': 'e%d-%04d' % (a.seed, i), 'template': t[0], 'language': c.lang, 'register': t[2], 'hard': h, 'text': text, 'spans': spans}, ensure_ascii=False))
    if a.stats:
        p = lambda *x: print(*x, file=sys.stderr)
        p('templates', len(TEMPLATES), 'used', len(used), 'hard templates', len(HARD), 'used', len({h[0][0] for h in hard}))
        p('documents', len(docs), 'hard', len(hard), 'labels', sum(have.values()))
        for k in TYPES: p('%-20s %5d values  %4d templates' % (k, have[k], len(nt[k])))
        p('languages', dict(collections.Counter(d[1].lang for d in docs).most_common()))
        for k, n in FAILS.most_common(25): p('redrawn', n, k)

if __name__ == '__main__':
    main()
