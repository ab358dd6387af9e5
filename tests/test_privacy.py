"""Personal data: what is found and what is not, spans that are exact, actions that hold, and no text that takes forever."""
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from ftcourse.data import privacy as P
from ftcourse.data.privacy import GROUPS, STRUCTURED, TYPES, Span, Vault, apply, clean_personal, find, name_model, parse_actions, peek
from ftcourse.findings import CODES, Trouble

sys.path.insert(0, str(Path(__file__).resolve().parents[1]/"bench"))
from privacy import score  # noqa: E402
from privacy_set import documents  # noqa: E402

MASK, REPLACE, KEEP = (parse_actions(word)[0] for word in ("mask", "replace", "keep"))

def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)
def types(text): return [s.type for s in find(text)]
def values(text): return [s.text for s in find(text)]
def chat(*texts, **more): return dict(messages=[dict(role=("user", "assistant")[i % 2], content=t) for i, t in enumerate(texts)], **more)


# ---- The labelled set

@pytest.mark.parametrize("half", "ab")
def test_the_goals_hold_on_the_labelled_set(half):
    docs = documents(7, half, 440, 160)
    counts, missed, wrong = score(docs, [[(s.start, s.end, s.type) for s in find(d["text"])] for d in docs])
    hit, all_, false = (sum(c[k] for c in counts.values()) for k in ("hit", "hit", "wrong"))
    labelled = hit + sum(c["miss"] for c in counts.values())
    assert labelled > 900 and hit / labelled >= 0.99 and hit / (hit + false) >= 0.98

def test_the_labelled_set_is_what_it_says():
    docs = documents(1, "both", 300, 100)
    assert docs == documents(1, "both", 300, 100) != documents(2, "both", 300, 100)
    assert all(not d["spans"] for d in docs if d["hard"]) and sum(d["hard"] for d in docs) == 100
    assert set(STRUCTURED) == {t for d in documents(1, "both") for *_, t in d["spans"]}, "every structured type is in the set"
    for d in docs:
        ends = [0, *(x for s, e, _ in sorted(d["spans"]) for x in (s, e)), len(d["text"])]
        assert ends == sorted(ends)


# ---- Single types: published examples, and near misses

FOUND = [("email", "anna.meier+x@firma.co.uk"), ("email", "jörg@bücher.de"), ("phone", "+49 (0)30 1234567"), ("phone", "+33 6 12 34 56 78"), ("phone", "(212) 867-5309"), ("phone", "020 7946 0958"), ("phone", "0044 20 7946 0958"), ("card", "3782-822463-10005"), ("card", "4111 1111 1111 1111"),
         ("iban", "GB82 WEST 1234 5698 7654 32"), ("iban", "NL91ABNA0417164300"), ("ip", "85.214.132.117"), ("ip", "2001:4860:4860::8888"), ("ip", "fe80::1ff:fe23:4567:890a"), ("mac", "3c:22:fb:9a:01:ef"), ("us_ssn", "078-05-1120"), ("es_dni", "12345678Z"), ("es_dni", "X-1234567-L"), ("it_codice_fiscale", "RSSMRA85T10A562S"),
         ("fr_nir", "2 55 08 14 168 025 38"), ("uk_nino", "AB 12 34 56 C"), ("br_cpf", "529.982.247-25"), ("in_aadhaar", "2341 2341 2346"), ("se_personnummer", "811218-9876"), ("fi_hetu", "131052-308T"), ("crypto", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), ("crypto", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
         ("crypto", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), ("secret", "AKIAIOSFODNN7EXAMPLE"), ("secret", "ghp_" + "a1B2" * 9), ("secret", "glpat-abcdefghij0123456789"), ("address", "221B Baker Street, London NW1 6XE"), ("address", "Goethestraße 12a, 10115 Berlin"), ("address", "12 bis rue de la Paix, 75002 Paris"),
         ("address", "Calle de Alcalá, 45, 28014 Madrid"), ("address", "Via Giuseppe Garibaldi 3, 20121 Milano"), ("address", "Prinsengracht 263, 1016 GV Amsterdam"),
         ("passport_mrz", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")]
NAMED = [("us_ssn", "SSN: {}", "219099999"), ("nl_bsn", "BSN {}", "111222333"), ("pl_pesel", "PESEL: {}", "44051401359"), ("de_tax_id", "Steuer-ID {}", "86095742719"), ("uk_nhs", "NHS number {}", "943 476 5919"), ("imei", "IMEI {}", "490154203237518"), ("br_cpf", "CPF {}", "52998224725"), ("phone", "call {} now", "512 345 678"),
         ("birth_date", "born on {} in Oslo", "3 May 1980"), ("birth_date", "geb. {}", "03.05.1980"), ("secret", "password = \"{}\"", "hunter2!x"), ("url_credentials", "postgres://{}@db.lan/x", "anna:s3cr3tpw"), ("url_credentials", "https://a.io/x?access_token={}&y=1", "abc123def456ghi789jkl"), ("secret", "Authorization: Bearer {}", "abc123def456ghi789")]

@pytest.mark.parametrize("type, value", FOUND)
def test_a_form_that_speaks_for_itself(type, value):
    for text in (value, f"Note: {value}, thanks.", f"😀 ({value})\n", f"ﷺ السلام {value}"):
        assert [(s.type, s.text) for s in find(text)] == [(type, value)], text

@pytest.mark.parametrize("type, text, value", NAMED)
def test_a_word_nearby_says_what_it_is(type, text, value): assert [(s.type, s.text) for s in find(text.format(value))] == [(type, value)]

@pytest.mark.parametrize("value", [v for t, _, v in NAMED if t not in ("uk_nhs",)])
def test_without_the_word_it_is_nothing(value): assert types(f"It says {value}.") == []

CHECKED = [v for t, v in FOUND if t in ("card", "iban", "es_dni", "it_codice_fiscale", "br_cpf", "se_personnummer", "fi_hetu", "fr_nir", "in_aadhaar", "passport_mrz")]

@pytest.mark.parametrize("value", CHECKED)
def test_one_wrong_digit_and_it_is_not_taken_for_the_same(value):
    type = find(value)[0].type
    at = next(i for i in range(len(value) - 1, -1, -1) if value[i].isdigit() and (type != "passport_mrz" or i < len(value) - 2))
    wrong = value[:at] + str((int(value[at]) + 1) % 10) + value[at + 1:]
    assert type not in types(wrong) or type == "passport_mrz" and value[at] == "<"

NOTHING = ["Order 123456789", "order #4111111111111112", "v1.2.3.4", "version 10.2.3.4", "Chrome/120.0.6099.109", "10.0.19045.3803", "0.0.0.0 and 127.0.0.1:8080", "999.1.1.1", "std::vector<a::b>", "12:30:45", "2024-05-06T12:30:45.123456Z", "1700000000", "1700000000123", "978-3-16-148410-0", "1.234.567,89 €", "$1,234,567.00", "3.14159265358979",
           "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "0x" + "ab" * 4, "123e4567-e89b-12d3-a456-426614174000", "react@18.2.0 @types/node", "git@github.com:a/b.git", "icon@2x.png", "a@b", "@", "root@localhost", "password: required", "password = None", "password=os.environ['X']", "token: string", "secret=${SECRET}",
           "api_key=<your-key>", "password=********", "max_tokens=1024", "PASSWORD=$1", "API_KEY=changeme", "the password is too short", "http://user@host/", "https://e.org/?page=2&id=12345678901234567890", "Wall Street fell 300 points", "Straße der Zukunft 2030", "12 main points", "born in 2012 and grown", "The project was born in 2012; meeting 12.03.2024",
           "666-12-3456", "000-12-3456", "900-12-3456", "123-00-4567", "1Z999AA10123456784", "§ 263 Abs. 1", "1920x1080", "GB00WEST12345698765432", "sha256:" + "0f" * 32, "score 007/6407/2023", "Ring 08-12", "8-10 weeks", "pages 100-200", "192.168.300.1", "password = getPasswordFromVault", ""]

@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_it(text): assert find(text) == []

BSN, PESEL, IMEI, TAX, AADHAAR, NHS = "270605472", "44051401359", "490154203237518", "86095742719", "234123412346", "9434765919"

@pytest.mark.parametrize("text, found", [
    (f"nr;bsn;ingang\n7;{BSN};01-02-2020\n8;{BSN};02-02-2020", ["nl_bsn"] * 2), (f"lp,pesel,data\n1,{PESEL},2014-10-07", ["pl_pesel"]), (f"asset\timei\n31\t{IMEI}", ["imei"]),
    (f"| Kind | IdNr | ab |\n|---|---|---|\n| 1 | {TAX} | 2020 |\n| 2 | {TAX} | 2021 |", ["de_tax_id"] * 2), (f"emp_id,aadhaar,joined\n885,{AADHAAR},2023-08-21", ["in_aadhaar"]), (f"nhs_number,clinic\n{NHS},C78", ["uk_nhs"]),
    (f"INSERT INTO staff (id, bsn, born) VALUES (7, '{BSN}', '1981-03-04'), (8, '{BSN}', '1982-03-04');", ["nl_bsn", "birth_date"] * 2), ("id,date_of_birth,since\n1,04/03/1981,2020-01-01", ["birth_date"]), ("name;phone;ref\nA;5550 1234;7790 1234", ["phone"]),
    (f"see bsn\n\n{BSN}", []), (f"name;bsn\n{BSN};7", []), (f"bsn;nr\n7;{BSN}", []), ("Date of birth: Feb 21, 1962\nDate of issue: May 15, 2017", ["birth_date"]), ("package,version\ncore,10.1.12.220", [])])
def test_the_head_of_a_column_says_what_it_is(text, found): assert types(text) == found

@pytest.mark.parametrize("type, text, value", [
    ("fr_nir", "Assuré : NIR {}, ALD", "2 63 10 2B 590 740 66"), ("fr_nir", "({})", "166122A03980942"), ("nl_bsn", "Patiënt met BSN {} is", "4450.69.429"), ("de_tax_id", "meine Steuer-ID\n[08:00] steht hier: {}", "21886439809"),
    ("phone", "træffes på tlf. {}; sag", "39 74 54 67"), ("phone", "ou au téléphone {}", "0471/55.20.00"), ("phone", "(office) or {}.", "098074 90568"), ("ip", "http://app:57lupin_Xjqt@{}:3128", "198.51.100.207"), ("secret", "use my token {} for it", "sk-Cbfpnnu0ZfAXeIi1Hg63tdcMLk63j6MNANBzc2rX8MemAFqG"),
    ("birth_date", "I was born {}, so", "27-Mar-2004"), ("birth_date", "Patienten er født den {} og", "13. juni 1969"), ("birth_date", "Data di nascita del figlio: {}.", "14 marzo 1964"), ("birth_date", "The patient was born on {}.", "3 May 1961"), ("birth_date", "Le client est né le {} à Lyon", "03/05/1961"),
    ("address", "voici : {}, et", "Avenue Louise 67, 1000 Bruxelles"), ("address", "LOCATION:{}", "90 Harbour Road, Dublin D02 X285"), ("address", "lives at {}.", "27a Kingsway, Manchester M14 2HR"), ("address", "DOB 20/11/1948, {}", "4/41 Pacific Highway, Brisbane QLD 4059"),
    ("address", "Address: {}", "35 MG Road, Pune - 411022"), ("address", "to {}.", "2164 Granville Street, Montréal, QC H3A 1B9"), ("address", "Endereço: {}. Tel", "Av. Atlântica, 2597, apto 67, 80020-310 Curitiba - PR"), ("address", "wohnhaft in der {}", "Lindenweg 18, 20930 Hamburg"), ("address", "på {}", "Nørregade 96, 2. tv, 5000 Odense"),
    ("birth_date", "<dateOfBirth>{}</dateOfBirth>", "1965-02-14"), ("birth_date", "<dataUrodzenia>{}</dataUrodzenia>", "1975-11-10"), ("birth_date", "BDAY:{}", "1961-12-30"), ("birth_date", "Date of birth: {}", "06-20-1950"), ("phone", "contact no. {}", "9738649061"), ("phone", "Singapore hotline: {}.", "9451 1087"), ("phone", "tél. {}", "0798249698"),
    ("passport_mrz", "<mrz>{}</mrz>", "P<ITAESPOSITO<<MATTEO<GIULIA<<<<<<<<<<<<<<<<\nX29K190C37ITA4312138M2904087<<<<<<<<<<<<<<<0"),
    ("address", "Adres: {}", "ul. Długa 12 m. 7, 80-831 Gdańsk"), ("address", "Osoite: {}", "Asematie 124 A 4, 00100 Helsinki"), ("address", "Adress: {}", "Björkvägen 110 A, 411 18 Göteborg"), ("address", "morada: {}.", "Rua das Flores, 72, 2.º Esq., 3000-214 Coimbra"), ("address", "postadres {};", "Oudegracht 79 II, 6211 HD Maastricht")])
def test_ways_of_writing_that_an_independent_set_brought(type, text, value): assert (type, value) in [(s.type, s.text) for s in find(text.format(value))]

@pytest.mark.parametrize("text", [
    "The company was born on 15/12/2023", "Le projet est né le 20/04/2018", "Het idee werd geboren op 4 februari 2017", "Il marchio è nato il 18/12/2019", "Date of birth: ________\nDate of issue: 5-Jul-2014", "La versión 18.3.13.132 corrige", "Ohjelmistoversio 12.3.14.62 asennettu", "versione 1:20.12.24.191-2ubuntu1",
    "Upgrade the agent from 15.9.6.199 to 19.4.16.50", "Version 16.5.19.204 läuft, 21.8.15.163-rc1 stürzt ab", "As set out in sections 1.2.3.4 and 4.1.6.6", "Artikel-Nr. 0151-23819179 und 030-0138-12", "Codice ricambio 06-9416-9984", "tender reference 408 761 9367 closes", "Artikelcode 06-04498032",
    "Punkte. Der Weg 3 Runden", "GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "EAN 4082420239976", "Serial no. 749508017446697, lot 42565", "NHS number 413 622 2665 is not valid", "Le NIR 1 56 09 59 532 092 73 a une clé incorrecte",
    "Lottorad: 04 12 23 31 38 45", "meter reading 15 063 826 467", "Lagerplatz 04/242", "Katie 12 wins"])
def test_what_an_independent_set_showed_to_be_nothing(text): assert find(text) == []

@pytest.mark.parametrize("text, value", [
    ("Das WLAN-Kennwort ist: {}", "FritzBox#7590"), ("Initialpasswort: {}", "Xy12!abcd"), ("La clave de acceso al portal es {}", "Tr4ns!to99"), ("tu contraseña temporal es {} (cámbiala)", "Luna2010!"), ("le mdp c'est {}", "c4ctus?68Z"), ("mot de passe provisoire : {}", "Xs4C?ezjl*OxC"),
    ("nome utente rossi e password {} per il portale", "GattoLuna40"), ("wachtwoord is {}", "Tulp_44Rood"), ("Hasło do poczty to {}", "Kotek123!"), ("Lösenordet är {}", "Vinter2021!"), ("midlertidig adgangskode: {}", "Hygge2001!"), ("Salasanasi on {}", "Kesa2023!"), ("Heslo je {}", "Pivo2022!"), ("palavra-passe: {}", "Lisboa#1755"),
    ("and the pw? last one was {}", "Gyxcr39+pZIr"), ("a temp password ({}) but", "Velvet2007!"), ("the shared secret has been rotated, the new one is {} .", "Kaffee1987!"), ("here is your production key: {}", "o7LeU7dcD7iQXLvGgen7k3LaiLCLSyDv"), ("Zugangscode für die Tür: {}", "Qw7!xx91"), ("PIN: {}", "4821"),
    ("<server><password>{}</password></server>", "b4n4ne-83Q"), ('<add key="ApiSecret" value="{}" />', "SLkg9SACRR8UT0asuXGEw70T"), ('<entry key="db.password">{}</entry>', "Qwe123rty!"), ("- name: DB_PASSWORD\n  value: {}", "Zx81spec!"), ('variable "db_password" {{\n  default = "{}"\n}}', "nM9D0ECnpFaw"), ("define('DB_PASSWORD', '{}');", "Bella_510"), ('psk="{}"', "lisb04-39Y"),
    ("username zoe privilege 15 password 0 {}", "Wcahk33_l5hC"), ("enable secret {}", "Cisco!2345"), ("machine a.io login bob password {}", "xyzzy12345"), ("CREATE USER 'bob'@'%' IDENTIFIED BY '{}';", "b0bsPass!"), ("curl -u admin:{} https://ci.example.com", "bell4-48Y"), ("+ docker login -u anna -p {} registry.example.com", "b4rc4-14Z"), ("mysql -u root -p{} shop", "S3cret!99"),
    ("Passwörter (geheim!)\nBank: anna / {}", "Cactus1988!"), ("user,password\nanna,{}", "Sommer2024!"), ("a@b.de / {}", "Sjsog73?JZWE"), ("WIFI:T:WPA;S:Home;P:{};;", "MyWifi#2022"), ("seed phrase: {}", "apple river stone cloud tiger melon dance piano laser ocean candy robot"), ("AKIAIOSFODNN7EXAMPLE / {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("Lukas: wlan passwort?\nReto: {}", "PurpleBlue33"), ("Q: What is the admin password?\nA: {}\nQ: Thanks", "osGOwZMOJ7"), ("wifi password for guests\n[13:20] Jack: it's {}", "velvet+07Q"), ("New password: Abc12!xyz\nUser: no\nAgent: Try again with {} please.", "Mefft80*FH5w")])
def test_a_word_in_each_language_announces_a_password(text, value): assert ("secret", value) in [(s.type, s.text) for s in find(text.format(value))]

@pytest.mark.parametrize("text", [
    "The password policy follows ISO27001 and NIST800-63B.", "password for server01 was rotated by admin2 on 2024-05-06", "Password reset link sent to JSmith42", "I forgot my password for Windows10", "Passwort: siehe KeePass-Eintrag", "api_key: !secret home_key", "api_key: !vault-ref secret/data/api#key", "Passwort: ••••••••", "password = input(\"Password: \")",
    "postgres://user:password@localhost:5432/db", "key: value2", "cache key: user:12345:Profile2", "The key is under the mat no. 12B.", "monkey: Banana2024x", "La clave del éxito es trabajar 24x7", "password VARCHAR(255) NOT NULL", "passwordPolicy: Level3", "PIN code: 560046", "docker run -p 8080:80 -u 1000:1000 nginx:1.25", "password:\n-----BEGIN PUBLIC KEY-----\nMIIBIjAN+2tslGheY1ww6fg\n",
    "*2023-01-05: Updated", "* 12.03.2024 Termin beim Zahnarzt", "Birthday party: 12 May 2024", "Geburtstagsfeier am 12.05.2024", "Unser Laden feiert Geburtstag: am 10.10.2022", "A nossa marca nasceu em 22/05/2019", "La cooperativa nació el 15/07/2022", "insured:\n  born: ____\n  policy_start: 2022-06-05", "Date de naissance : ____\nDate d'entrée : 5 juin 2023",
    "Rechnung 12, 10115 Berlin", "Saal 3, 1200 Besucher", "On March 12, 2024 Berlin saw snow", "Team 4, 3000 Fans", "Robson Street but moved to Toronto in 1956", "HRB 47166, Amtsgericht St. Gallen", "Box 12, Reihe 4",
    "the invoice number is INV-69923330", "Your order number is 3614 831952 5291", "Our form rejected IE37 AIBK 0608 3654 8415 34", "Le numéro 1 64 03 59 431 390 22 est invalide", "What is your order number?\nUser: 512345678", "Transaction 0478123456 done", "seasons 1990-2005, call us", "worker=7 processed 415 555 2557 rows", "npm install react@18.2.0.1"])
def test_near_misses_of_what_was_widened(text): assert find(text) == []

@pytest.mark.parametrize("type, text, value", [
    ("birth_date", "Q: What is her date of birth?\nA: She was born on {}.", "5 November 1998"), ("birth_date", "[00:13] Op: Date of birth?\n[00:16] Caller: {}", "19 January 1952"), ("birth_date", "Asiakas: \nNeuvoja: Mikä on syntymäaikanne?\nAsiakas: {}", "1988-12-18"), ("phone", "Bot: Ahora su teléfono móvil\nUsuario: {}", "794 253 360"), ("phone", "Femke: wat is je nr\nLotte: {}", "0652794490"),
    ("uk_nhs", "A: And what's your NHS number, if you have it?\nB: yes, {}", "9434765919"), ("pl_pesel", "A: podaj pesel\nB: 02070803628\nA: a Tomasz?\nB: {}", "44051401359"), ("de_tax_id", "meine Steuer-ID lautet 21886439809, die meiner Frau {}", "86095742719"),
    ("birth_date", "<tr><th>Navn</th><th>Fødselsdato</th></tr>\n<tr><td>Ida</td><td>{}</td></tr>", "1984-08-18"), ("birth_date", "COPY p (id, date_of_birth) FROM stdin;\n1\t{}\n\\.", "1982-10-11"), ("birth_date", "INSERT INTO p (tel, dob) VALUES ('+1 (780) 918-9319', '{}');", "1974-10-04"), ("phone", 'Name,Adres,Nr telefonu\n"A","ul. Długa 2, 00-504 Warszawa","{}"', "792 814 649"),
    ("birth_date", "nato/a a Bari il {}", "04/07/1941"), ("birth_date", "Nato/a il: {}", "1954-08-10"), ("birth_date", "cliente nasceu em {}", "6 de maio de 1957"), ("birth_date", "Nájemce: Jan Novák, nar. {}", "15. 3. 1948"), ("birth_date", "narozen {}", "7. 2. 1970"), ("birth_date", "Kind: Max Muster, *{}", "19.10.1988"), ("birth_date", "Nuria Serrano - {} (fecha de nacimiento)", "1978-05-27"),
    ("birth_date", "am {} in Köln geboren", "4.7.1985"), ("birth_date", "Geb.datum: {}", "6 augustus 1990"), ("birth_date", "Synt.aika: {}", "18.7.1998"), ("birth_date", "f. {} i Umeå", "1985-07-04"), ("birth_date", "urodzoną dnia {}", "10.09.1973"), ("birth_date", "DDN : {}", "04/07/1985"), ("birth_date", "D0B : {}", "17.01.2010"), ("birth_date", "<fechaNacimiento>{}</fechaNacimiento>", "1985-07-04"), ("birth_date", "Birthday list\n* Ethan - born {}", "25 October 1989"),
    ("phone", "Guardian ph: {}", "09835133087"), ("phone", "Queries {}.", "0868509077"), ("phone", "noreply@example.es o {}", "657 42 54 70"), ("phone", "left a message, {} ext. 808", "90985 09206"), ("phone", "Mobile linked with Aadhaar is {}", "93076 28360"), ("phone", "Numéros de téléphone utiles\nBureau Luxembourg : {}", "621 231 282"), ("phone", "Potete richiamarmi al {}?", "323 3486760"),
    ("ip", "ssh -i key ubuntu@{}", "33.59.150.145"), ("iban", "auf IBAN {} veranlasst", "gb82 west 1234 5698 7654 32"), ("es_dni", "mi dni es {}", "12345678z"), ("it_codice_fiscale", "codice fiscale {}", "rssmra85t10a562s"), ("mac", "dca6.32bf.8038 dynamic\n{} dynamic", "0800.2777.2430"),
    ("address", "at {} and", "11 Main Street, Dublin 6, D06 Y2X1"), ("address", "visit {}.", "47 Merrion Avenue, Co. Galway, H91 X1X9"), ("address", "address {}. Mobile", "Flat 36, 7 FC Road, T. Nagar, Chennai - 600076"), ("address", "Address:\n{}", "20, Park Street, Indiranagar\n  Bengaluru 560046"), ("address", "Inc.\n{}\n", "3618 Peachtree Rd NE\nBoise, ID 83711"), ("address", "of {}.", "1656 County Road 12, Columbus, OH 43216"),
    ("address", "Inc.\n{}\nTel", "6557 Bloor St W\nHalifax, NS B1Z 8T3"), ("address", "\n{}\n", "3/172 Kooyong Road\nNorwood SA 5097"), ("address", "{}, danke", "Ringstraße 2/5/15, 5020 Salzburg"), ("address", "Adresse: {}", "Innrain 127, 6020 Innsbruck"), ("address", "Abholung in {}.", "Innrain 97/5/21, Wien"), ("address", "wo wohnst du?\nKatharina: {}, 2. Stock", "Im Winkel 70"),
    ("address", "bytem {}", "Vinohradská 155/11, 301 00 Plzeň"), ("address", "Adresse: {}.", "Karl Johans gate 115, 7020 Trondheim"), ("address", "Adresse: {}.", "Algade 124, st. th, 4000 Roskilde"), ("address", "Adress: {}", "Södra Esplanaden 158, lgh 1204, 902 31 Umeå"), ("address", "Adres: {}", "Burgemeester de Raadtsingel 143bis, 1016 DP Amsterdam"), ("address", "{}.", "Lange Voorhout 51-H, 2514 HE Den Haag"),
    ("address", "in {}", "Via Garibaldi n. 23/A, 00146 Roma (RM)"), ("address", "in {}.", "Carrer de Mallorca, 16, piso 4, 1ª, 08099 Barcelona"), ("address", "Endereço: {}", "Rua Sete de Setembro, 35, apto 76 - Jardim América, Belo Horizonte/MG, CEP 30188-701"), ("address", "morada: {}.", "Rua Augusta n.º 78, 8000-226 Faro"), ("address", "GmbH\n{}", "Postfach 3332, 8010 Graz"), ("address", "{}", "Caixa Postal 840, Recife - PE, 50005-656"),
    ("address", "id,street,city\n1,{},Tromsø", "Nedre Bakklandet 135"), ("address", "{}.", "Rose Cottage, Mill Lane, Norwich NR2 3AB")])
def test_ways_of_writing_that_a_second_independent_set_brought(type, text, value): assert (type, value) in [(s.type, s.text) for s in find(text.format(value))]

def test_types_can_be_chosen():
    text = "a@b.de +49 30 1234567"
    assert [s.type for s in find(text, types=["phone"])] == ["phone"] and find(text, types=[]) == [] and types(text) == ["email", "phone"]

def test_the_more_specific_kind_wins():
    assert [(s.type, s.kind) for s in find("API_TOKEN=ghp_" + "a1B2" * 9)] == [("secret", "GitHub token")]
    assert types("ftp://anna:pass1word!@files.example.com/x") == ["url_credentials"], "not the mail address pass1word!@files..."
    assert types("NHS no. 943 476 5919") == ["uk_nhs"] and types("call (943) 476-5919") == ["phone"]

def test_a_private_key_is_found_whole():
    body = "\n".join("A1b2" * 16 for _ in range(20))
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    assert values(f"x\n{key}\ny") == [key] and types("-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----") == []


# ---- Spans, whatever the text

PIECES = st.sampled_from([v for _, v in FOUND] + [t.format(v) for _, t, v in NAMED] + NOTHING)
NOISE = st.text(st.characters(exclude_categories=[]) | st.sampled_from("0123456789 .-()/@:+=abcXYZ\n\"'[]{}<>_,é́\u202e😀"), max_size=25)
TEXT = st.lists(PIECES | NOISE, max_size=7).map("".join) | st.lists(PIECES | NOISE, max_size=7).map(" ".join)

@given(TEXT)
@often(500)
@example("İ a@b.de")  # lower case of İ is two characters
@example("+1 +1 +1 555 123 4567 4111 1111 1111 1111 1")
def test_spans_are_inside_sorted_and_disjoint(text):
    spans, end = find(text), 0
    for s in spans:
        assert end <= s.start < s.end <= len(text) and s.text == text[s.start:s.end] and s.type in TYPES
        end = s.end
    assert find(text) == spans

@given(TEXT)
@often(300)
def test_keeping_changes_nothing(text): assert apply(text, find(text), KEEP) == text

@given(TEXT)
@often(300)
def test_masking_twice_is_masking_once(text):
    (row,), _, _ = clean_personal([dict(text=text)], "mask")
    (again,), _, report = clean_personal([row], "mask")
    assert again["text"] == row["text"] and not report["types"]

@given(TEXT, st.sampled_from(["mask", "replace"]))
@often(300)
def test_nothing_that_was_found_is_left(text, action):
    row = clean_personal([chat(text, "ok")], action)[0][0]
    for s in find(text):
        if len(s.text) >= 6: assert not re.search(rf"(?<![^\W_]){re.escape(s.text)}(?![^\W_])", row["messages"][0]["content"])


# ---- Actions

def test_the_plans_words():
    a, found = parse_actions("mask, phone keep, email replace, ids: drop; secrets=drop")
    assert not found and (a["card"], a["phone"], a["email"], a["nl_bsn"], a["secret"], a["url_credentials"]) == ("mask", "keep", "replace", "drop", "drop", "drop") and set(a) == set(TYPES)
    assert parse_actions("phone keep")[0]["email"] == "mask", "what is not named is masked"
    assert set(parse_actions("all keep")[0].values()) == {"keep"} == set(parse_actions("")[0].values()) == set(parse_actions(None)[0].values())

@pytest.mark.parametrize("text, code, hint", [("emial mask", "personal_type_unknown", "email"), ("email hid", "personal_action_unknown", "mask"), ("email", "personal_action_unknown", "mask"), ("email phone mask", "personal_action_unknown", "mask"), ("secret droop", "personal_action_unknown", "drop")])
def test_wrong_words_are_said(text, code, hint):
    found = parse_actions(text)[1]
    assert [f.code for f in found] == [code] and hint in found[0].fix and found[0].severity == "fatal"
    with pytest.raises(Trouble) as e: clean_personal([chat("a", "b")], text)
    assert e.value.findings[0].code == code

def test_drop_takes_the_row_and_says_why():
    rows = [chat("hi", "my key is AKIAIOSFODNN7EXAMPLE", origin=dict(file="a.jsonl", line=7)), chat("hi", "a@b.de")]
    kept, rejected, report = clean_personal(rows, "keep, secret drop")
    assert kept == [rows[1]] and rejected == [dict(file="a.jsonl", line=7, step="privacy", code="personal_data_dropped", says=rejected[0]["says"])] and "AKIA" not in json.dumps(rejected) + json.dumps(report)
    assert report["rows_in"] == 2 == report["kept"] + report["rejected"] and rejected[0]["code"] in CODES

@given(st.lists(st.lists(TEXT, min_size=2, max_size=3), max_size=5), st.sampled_from(["mask", "replace", "drop", "mask, secret drop, email keep", "keep"]))
@often(60)
def test_no_row_is_lost_and_no_row_given_is_changed(texts, action):
    rows = [chat(*t, origin=dict(file="x", line=i)) for i, t in enumerate(texts, 1)]
    before = json.dumps(rows)
    kept, rejected, report = clean_personal(iter(rows), action)
    assert len(kept) + len(rejected) == len(rows) == report["rows_in"] and json.dumps(rows) == before
    json.dumps(report)
    if action == "keep": assert kept == rows

# ---- Replacing

@pytest.mark.parametrize("type, text, value", [(t, "{}", v) for t, v in FOUND] + NAMED)
def test_a_false_value_is_of_the_same_form_and_hurts_nobody(type, text, value):
    s = find(text.format(value))[0]
    out = Vault("k").fake(s.type, s.text, s.kind)
    assert out != value and out == Vault("k").fake(s.type, s.text, s.kind), "the same key draws the same"
    assert len({Vault(k).fake(s.type, s.text, s.kind) for k in "abcdefghijklmnopqrst"}) > 1, "another key draws another"
    if type in P._CHECKS and type not in ("us_ssn", "imei"):
        assert len(out) == len(value) and [c.isdigit() for c in out] == [c.isdigit() for c in value] and type not in types(text.format(out)), "right form, wrong check digits"
    if type == "email": assert re.fullmatch(r".+@example\.(com|org|net)", out)
    if type == "ip": assert re.match(r"192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:", out)
    if type == "mac": assert out.startswith("00:00:5e:00:53:")
    if type == "card": assert P.luhn(re.sub(r"\D", "", out)) and re.sub(r"\D", "", out) in sum(P.TEST_CARDS.values(), ())
    if type == "iban": assert out[2:4] == "00" and len(out) == len(value)
    if type == "uk_nino": assert out.startswith("QQ")
    if type == "us_ssn": assert out.replace("-", "").startswith("666")
    if type in ("crypto", "iban", "passport_mrz") and not value.startswith("0x"): assert type not in types(out)

def test_known_reserved_numbers():
    fake = lambda t: Vault("x").fake("phone", t, find(t)[0].kind)
    assert re.fullmatch(r"\(\d{3}\) 555-01\d\d", fake("(212) 867-5309")) and re.fullmatch(r"\+1 \d{3} 555 01\d\d", fake("+1 212 867 5309"))
    assert re.fullmatch(r"\+44 7700 900\d{3}", fake("+44 7400 123456")) and re.fullmatch(r"\+33 6 39 98 \d\d \d\d", fake("+33 6 12 34 56 78")) and fake("+49 30 1234567").startswith("+49 00 0")

def test_two_ways_to_write_a_number_are_one_person():
    v = Vault("k")
    a, b = (re.sub(r"\D", "", v.fake("phone", t, find(t)[0].kind)) for t in ("+49 30 1234567", "030 1234567"))
    assert a[-6:] == b[-6:] and v.fake("email", "A@b.DE") == v.fake("email", "a@b.de")

def test_a_false_value_never_joins_two_people():
    v, r = Vault("k"), random.Random(0)
    for type, kind, make in (("card", "visa", lambda: "4" + "".join(r.choices("0123456789", k=15))), ("phone", "north american", lambda: f"({r.randint(200, 999)}) {r.randint(200, 999)}-{r.randint(1000, 9999)}"), ("ip", "v4", lambda: ".".join(str(r.randint(1, 254)) for _ in range(4))),
                             ("mac", "", lambda: ":".join(f"{r.randrange(256):02x}" for _ in range(6))), ("email", "", lambda: f"{r.choice('abcdefgh')}{r.randint(0, 999)}@x.de"), ("address", "", lambda: f"Hauptstraße {r.randint(1, 999)}, {r.randint(10000, 99999)} Berlin"), ("name", "", lambda: f"A{r.random()} B")):
        given_ = {make() for _ in range(1500)}
        assert len({v.fake(type, x, kind) for x in given_}) == len(given_), type

def test_question_and_answer_agree():
    (row,), _, _ = clean_personal([chat("My phone is 512 345 678, mail Anna.M@firma.de", "Noted: 512 345 678 and anna.m@firma.de")], "replace")
    q, a = (m["content"] for m in row["messages"])
    number, mail = re.search(r"Noted: (.*) and (\S+)$", a).groups()
    assert number in q and mail in q and "512 345 678" not in q + a

def test_groups_in_meta_stay_apart():
    rows = [chat("hi", "yes", meta=dict(group=g, n=3)) for g in ("a@x.de", "b@x.de", "a@x.de")]
    kept, _, report = clean_personal(rows, "mask")
    groups = [r["meta"]["group"] for r in kept]
    assert groups[0] == groups[2] != groups[1] and "x.de" not in json.dumps(kept) and kept[0]["meta"]["n"] == 3 and report["types"]["email"]["rows"] == 3

def test_other_kinds_of_row_are_cleaned_too():
    mail = "write to a@firma.de"
    rows = [dict(text=mail), dict(prompt=[dict(role="user", content=mail)], chosen=[dict(role="assistant", content=mail)], rejected=[dict(role="assistant", content="no")]), dict(input_ids=[1, 2]),
            dict(messages=[dict(role="user", content="q"), dict(role="assistant", content="", reasoning=mail, tool_calls=[dict(type="function", function=dict(name="f", arguments=dict(to=["a@firma.de"])))])])]
    kept, _, report = clean_personal(rows, "mask")
    assert "firma.de" not in json.dumps(kept) and report["types"]["email"]["row_numbers"] == [1, 2, 4] and kept[2] is rows[2] and kept[3]["messages"][1]["tool_calls"][0]["function"]["arguments"]["to"] == ["[EMAIL]"]


# ---- The report

@given(TEXT)
@often(200)
def test_a_report_never_shows_a_value(text):
    _, _, report = clean_personal([chat(text, "ok")], "mask")
    shown = json.dumps(report, ensure_ascii=False)
    for s in find(text):
        if len(s.text) > 6: assert json.dumps(s.text, ensure_ascii=False)[1:-1] not in shown

def test_a_report_counts():
    rows = [chat("a@b.de c@d.de", "x"), chat("nothing", "x"), chat("e@f.de", "g@h.de", origin=dict(file="f.jsonl", line=9))] * 4
    r = clean_personal(rows, "keep, email replace")[2]["types"]["email"]
    assert (r["spans"], r["rows"], r["action"], len(r["examples"])) == (16, 8, "replace", 5) and r["row_numbers"] == [1, 3, 4, 6, 7, 9, 10, 12] and any(e["file"] == "f.jsonl" and e["line"] == 9 for e in r["examples"])
    assert peek("AKIAIOSFODNN7EXAMPLE") == "AK…LE" and peek("short") == "s…" and peek("") == "…"


# ---- Names

def test_a_missing_name_model_is_said_and_the_rest_is_done():
    kept, _, report = clean_personal([chat("I am Anna, a@b.de", "ok")], "mask", names="xx_no_such_model")
    assert [f["code"] for f in report["findings"]] == ["no_name_model"] and "[EMAIL]" in kept[0]["messages"][0]["content"] and any("not looked for" in s for s in report["says"])
    assert find("I am Anna, a@b.de", names="xx_no_such_model") == find("I am Anna, a@b.de")

def test_a_name_model_adds_names_and_places():
    "Any callable of spaCy's shape does: spaCy itself is an extra."
    class Ent:
        def __init__(self, text, word, label): self.start_char, self.end_char, self.label_ = text.index(word), text.index(word) + len(word), label
    class Doc: pass
    def model(text):
        d = Doc(); d.ents = [Ent(text, w, l) for w, l in (("Anna Meier", "PERSON"), ("Oslo", "GPE"), ("Monday", "DATE")) if w in text]; return d
    text = "Anna Meier <anna@firma.de> from Oslo, Monday"
    assert [(s.type, s.text) for s in find(text, names=model)] == [("name", "Anna Meier"), ("email", "anna@firma.de"), ("place", "Oslo")]
    assert apply(text, find(text, names=model), MASK) == "[NAME] <[EMAIL]> from [PLACE], Monday"

@pytest.mark.skipif(not __import__("importlib.util").util.find_spec("spacy"), reason="spaCy is an extra")
def test_spacy_itself():
    import spacy
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([dict(label="PERSON", pattern="Anna Meier")])
    assert [s.type for s in find("Anna Meier called", names=nlp)] == ["name"]


# ---- No text takes forever

N = 100_000
SLOW = ["1" * N, "a" * N, "A" * N, "@" * N, "/" * N, "." * N, ":" * N, "-" * N, "<" * N, "=" * N, " " * N, "\n" * N, "a@" * (N // 2), "a.@" * (N // 3), "1 " * (N // 2), "1." * (N // 2), "1-" * (N // 2), "(1" * (N // 2), "+1 " * (N // 3), "12:" * (N // 3), "ab:" * (N // 3), "::" * (N // 2), "([{" * (N // 6) + "}])" * (N // 6),
        "password=" * (N // 9), "password: " * (N // 10), "password='" * (N // 10), "token is " * (N // 9), "://" * (N // 3), "://a:b" * (N // 6), "?key=" * (N // 5), "-----BEGIN PRIVATE KEY-----" * (N // 27), "-----BEGIN PRIVATE KEY-----" + "A" * N, "eyJ" * (N // 3), "eyJaaaaaaaaaaaa." * (N // 16), "sk-" * (N // 3), "xox" * (N // 3),
        "A1 " * (N // 3), "DE12 " * (N // 5), "GB82 WEST " * (N // 10), "born " * (N // 5), "born 1" * (N // 6), "Via A " * (N // 6), "Via " + "A" * N, "Calle A A " * (N // 10), "1 rue A" * (N // 7), "1 A A A A " * (N // 10), "1 Street " * (N // 9), "Straße 1 " * (N // 9), "Am Am " * (N // 6), "P<" * (N // 2), "0x" + "a" * N, "bc1" * (N // 3), "1A" * (N // 2),
        "born," * (N // 10) + "\n" + "1.1.2000," * (N // 20), "a,b\n1,2\n" * (N // 8), "bsn;" * (N // 8) + "x\n" + "270605472;" * (N // 20), "(born, bsn) VALUES " * (N // 19), "(a, born) VALUES " + "(1, '1981-03-04')," * (N // 18), "(a" * (N // 2), "ul. A " * (N // 6), "Rue A " * (N // 6), "1 A, A, QLD 4000 " * (N // 17), "version 1.2.3.4 " * (N // 16), "the firm was born on 1.1.2000 " * (N // 30), "Artikel 030-4224-12 und " * (N // 24),
        "+49 30 1234567 " * (N // 15), "a@b.de " * (N // 7), "é" * N, "😀" * N, "0123456789" * (N // 10), "4111 1111 1111 1111 " * (N // 20), "tel 1 2 3 4 5 6 7 " * (N // 18),
        "passwort " * (N // 9), "password\n" * (N // 9), "passwords: a / b1C2d3\n" * (N // 21), "password " + "a1" * (N // 2), "Anna: pass\n" * (N // 11), "-u a:b " * (N // 7), "login -p " * (N // 9), "PIN: 1234 " * (N // 10), "A1!a " * (N // 5), "user,password\n" + "a,A1b!c2D\n" * (N // 10), "a, " * (N // 3), "A 1, " * (N // 5), "Straße 1/1/1, " * (N // 14), "PO Box 1 " * (N // 9), "Rua A, 1, apto 1 - " * (N // 19),
        "Dublin 6, " * (N // 10), "<th>a</th>" * (N // 10), "<tr><th>born</th></tr>" + "<tr><td>1.1.2000</td></tr>" * (N // 26), "(born) FROM stdin;\n1.1.2000\n" * (N // 28), "born?\nA: " * (N // 9), ", *1.1.2000 " * (N // 12), "Q:?\nA: 12345678\n" * (N // 17), "a@b.de / 061234567 " * (N // 19), "at39 1217 " * (N // 10), "a b " * (N // 4), "a=1,\n" * (N // 5)]

@pytest.mark.parametrize("text", SLOW, ids=lambda t: repr(t[:12]))
def test_a_hostile_text_is_read_to_its_end(text):
    "Every repetition in the patterns is bounded; this only has to complete."
    for s in find(text)[:50]: assert text[s.start:s.end] == s.text


# ---- Shape

def test_import_is_light():
    out = subprocess.run([sys.executable, "-c", "import sys, ftcourse.data.privacy; print([m for m in ('torch', 'transformers', 'spacy', 'pandas', 'numpy') if m in sys.modules])"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"

def test_every_type_is_in_one_group_and_has_a_false_value():
    assert len(TYPES) == len(set(TYPES)) == sum(map(len, GROUPS.values())) and set(P._FAKES) == set(TYPES) and len(STRUCTURED) >= 12


@pytest.mark.parametrize("asked, said, type", [("What is your date of birth?", "12/21/1977", "birth_date"), ("Thanks.\nWie lautet Ihre Steuer-ID?", "Das ist 86095742719", "de_tax_id"), ("And your NHS number?", "it is 9417538535, thanks", "uk_nhs"), ("What is your password?", "Hunter2024!", "secret")])
def test_a_message_is_read_with_the_question_before_it(asked, said, type):
    talk = lambda *texts: [dict(role=("user", "assistant")[n % 2], content=t) for n, t in enumerate(texts)]
    for row, of in ((dict(messages=talk("Hello.", asked, said, "Thanks.")), lambda r: r["messages"][2]), (dict(prompt=talk(asked), chosen=talk(said), rejected=talk("No.")), lambda r: r["chosen"][0]), (dict(prompt=talk(asked), chosen=talk("No."), rejected=talk(said)), lambda r: r["rejected"][0])):
        (new,), _, report = clean_personal([row], "mask")
        assert of(new)["content"] != said and f"[{type.upper()}]" in of(new)["content"] and report["types"][type]["spans"] == 1
        assert [m["content"] for m in new.get("messages", new.get("prompt"))][0] == (row.get("messages") or row["prompt"])[0]["content"]
    (same,), _, _ = clean_personal([dict(messages=talk("Hello.", "Fine, thanks.", said.replace("!", ""), asked))], "mask")
    assert same["messages"][2]["content"] == said.replace("!", ""), "the question comes behind it"


@pytest.mark.parametrize("text", ["pass `safe=False` to it", "password for the archive. License: BSD-3-clause, or GPL-2-or-later", "call me: see https://stackoverflow.com/questions/6048975 for it", "pass it to :class:`~jinja2.lexer.TokenStream` with a password of 8 letters"])
def test_what_real_texts_hold_is_nothing_personal(text): assert not find(text)
