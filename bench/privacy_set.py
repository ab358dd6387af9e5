"""A labelled set for personal data: documents made from templates and from values that follow the published formats, with a seed. It knows nothing of the detector.

    .venv/bin/python bench/privacy_set.py [--seed 1] [--half a|b|both] [--documents 2200] [--hard 800] > set.jsonl

One JSON object a line: id, half, language, register, hard, text, spans [[start, end, type], ...]. A hard negative holds nothing personal and much that looks like it.
Templates come in two halves: `a` is what the detector was developed against, `b` was kept aside. Phone forms are libphonenumber's example numbers (its national and international notation) with other last digits;
check digits are computed here from the standards (ISO 7064, ISO 13616, Luhn, Verhoeff, and each country's own rule); the Ethereum addresses with a checksum are EIP-55's own.
"""
import argparse
import base64
import hashlib
import json
import random
import re
import string

# ---- facts: people, streets, phone notations

FIRST = "Anna Björn Chloé Daniel Elena Fatima Giulia Hiroshi Inês Jan Katarzyna Liam Mateo Noor Olga Pedro Quentin Rosa Søren Tomasz Ulla Víctor Wei Xenia Yusuf Zoë".split()
LAST = "Müller Smith Dubois García Rossi Jansen Kowalski Silva Lindqvist Korhonen Nowak O'Brien Schröder Lefèvre Bianchi Okafor Tanaka Kaur Jensen Novák".split()
ASCII = dict(zip("äöüßéèêçíñøåáëóúã", "a o u ss e e e c i n o a a e o u a".split()))
def plain(s): return "".join(ASCII.get(c, c) for c in s.lower()).replace("'", "")

PHONES = {  # (national, international) of a fixed line and of a mobile
    "US": [("(201) 555-0123", "+1 201-555-0123")], "CA": [("(506) 234-5678", "+1 506-234-5678")],
    "GB": [("0121 234 5678", "+44 121 234 5678"), ("07400 123456", "+44 7400 123456")], "IE": [("(022) 12345", "+353 22 12345"), ("085 012 3456", "+353 85 012 3456")],
    "DE": [("030 123456", "+49 30 123456"), ("01512 3456789", "+49 1512 3456789")], "AT": [("01 234567890", "+43 1 234567890"), ("0664 123456", "+43 664 123456")],
    "CH": [("021 234 56 78", "+41 21 234 56 78"), ("078 123 45 67", "+41 78 123 45 67")], "FR": [("01 23 45 67 89", "+33 1 23 45 67 89"), ("06 12 34 56 78", "+33 6 12 34 56 78")],
    "BE": [("012 34 56 78", "+32 12 34 56 78"), ("0450 00 12 34", "+32 450 00 12 34")], "NL": [("010 123 4567", "+31 10 123 4567"), ("06 12345678", "+31 6 12345678")],
    "ES": [("810 12 34 56", "+34 810 12 34 56"), ("612 34 56 78", "+34 612 34 56 78")], "PT": [("21 234 5678", "+351 21 234 5678"), ("912 345 678", "+351 912 345 678")],
    "IT": [("02 1234 5678", "+39 02 1234 5678"), ("312 345 6789", "+39 312 345 6789")], "GR": [("21 2345 6789", "+30 21 2345 6789"), ("691 234 5678", "+30 691 234 5678")],
    "SE": [("08-12 34 56", "+46 8 12 34 56"), ("070-123 45 67", "+46 70 123 45 67")], "NO": [("21 23 45 67", "+47 21 23 45 67"), ("40 61 23 45", "+47 40 61 23 45")],
    "DK": [("32 12 34 56", "+45 32 12 34 56"), ("34 41 23 45", "+45 34 41 23 45")], "FI": [("013 1234567", "+358 13 1234567"), ("041 2345678", "+358 41 2345678")],
    "PL": [("12 345 67 89", "+48 12 345 67 89"), ("512 345 678", "+48 512 345 678")], "CZ": [("212 345 678", "+420 212 345 678"), ("601 123 456", "+420 601 123 456")],
    "HU": [("(06 1) 234 5678", "+36 1 234 5678"), ("06 20 123 4567", "+36 20 123 4567")], "RO": [("021 123 4567", "+40 21 123 4567"), ("0712 034 567", "+40 712 034 567")],
    "HR": [("01 2345 678", "+385 1 2345 678"), ("092 123 4567", "+385 92 123 4567")], "SI": [("(01) 234 56 78", "+386 1 234 56 78"), ("031 234 567", "+386 31 234 567")],
    "EE": [("321 2345", "+372 321 2345"), ("5123 4567", "+372 5123 4567")], "LV": [("63 123 456", "+371 63 123 456"), ("21 234 567", "+371 21 234 567")],
    "UA": [("050 123 4567", "+380 50 123 4567")], "RU": [("8 (301) 123-45-67", "+7 301 123-45-67"), ("8 (912) 345-67-89", "+7 912 345-67-89")],
    "TR": [("(0212) 345 67 89", "+90 212 345 67 89"), ("0501 234 56 78", "+90 501 234 56 78")], "IL": [("02-123-4567", "+972 2-123-4567"), ("050-234-5678", "+972 50-234-5678")],
    "AE": [("02 234 5678", "+971 2 234 5678"), ("050 123 4567", "+971 50 123 4567")], "EG": [("02 34567890", "+20 2 34567890")], "ZA": [("010 123 4567", "+27 10 123 4567"), ("071 123 4567", "+27 71 123 4567")],
    "NG": [("0802 123 4567", "+234 802 123 4567")], "KE": [("0712 123456", "+254 712 123456")], "IN": [("074104 10123", "+91 74104 10123"), ("081234 56789", "+91 81234 56789")],
    "PK": [("(021) 23456789", "+92 21 23456789"), ("0301 2345678", "+92 301 2345678")], "BD": [("01812-345678", "+880 1812-345678")], "CN": [("010 1234 5678", "+86 10 1234 5678"), ("131 2345 6789", "+86 131 2345 6789")],
    "JP": [("03-1234-5678", "+81 3-1234-5678"), ("090-1234-5678", "+81 90-1234-5678")], "KR": [("02-212-3456", "+82 2-212-3456"), ("010-2000-0000", "+82 10-2000-0000")], "TW": [("02 2123 4567", "+886 2 2123 4567"), ("0912 345 678", "+886 912 345 678")],
    "HK": [("5123 4567", "+852 5123 4567")], "SG": [("8123 4567", "+65 8123 4567")], "MY": [("03-2385 6789", "+60 3-2385 6789"), ("012-345 6789", "+60 12-345 6789")], "TH": [("081 234 5678", "+66 81 234 5678")],
    "VN": [("0912 345 678", "+84 912 345 678")], "PH": [("(02) 3234 5678", "+63 2 3234 5678"), ("0905 123 4567", "+63 905 123 4567")], "ID": [("(021) 8350123", "+62 21 8350123"), ("0812-345-678", "+62 812-345-678")],
    "AU": [("(02) 1234 5678", "+61 2 1234 5678"), ("0412 345 678", "+61 412 345 678")], "NZ": [("03 234 5678", "+64 3 234 5678"), ("021 123 4567", "+64 21 123 4567")],
    "BR": [("(11) 2345-6789", "+55 11 2345-6789"), ("(11) 96123-4567", "+55 11 96123-4567")], "MX": [("222 123 4567", "+52 222 123 4567")], "AR": [("011 2345-6789", "+54 11 2345-6789"), ("011 15-2345-6789", "+54 9 11 2345-6789")],
    "CL": [("(2) 2123 4567", "+56 2 2123 4567")], "CO": [("(601) 2345678", "+57 601 2345678"), ("321 1234567", "+57 321 1234567")], "PE": [("(01) 1234567", "+51 1 1234567"), ("912 345 678", "+51 912 345 678")],
}
HOME = dict(en=("US", "GB", "US", "GB", "IE", "AU", "IN", "ZA", "CA", "NZ", "SG", "KE", "NG", "PH"), de=("DE", "AT", "CH", "DE"), fr=("FR", "BE", "CH", "FR"), es=("ES", "MX", "AR", "CO", "CL", "PE", "ES"), it=("IT",), nl=("NL", "BE"), pl=("PL",), pt=("BR", "PT", "BR"), sv=("SE",), fi=("FI",))

STREETS = dict(
    us=["Maple Avenue", "Elm St", "Old Mill Road", "N Washington Blvd", "Sunset Drive", "Peachtree Ln", "W 42nd Street", "Lakeview Court", "Main St.", "Orchard Way"],
    uk=["Baker Street", "Church Lane", "Victoria Road", "High Street", "Rose Gardens", "Station Rd", "Queen's Crescent", "St Mary's Close", "Park Terrace", "King William Street"],
    de=["Hauptstraße", "Goethestr.", "Am Bahnhof", "Lindenweg", "Berliner Allee", "Marktplatz", "Karl-Marx-Straße", "Schillerstraße", "Rosengasse", "Lange Straße"],
    fr=["rue de la Paix", "avenue Victor Hugo", "boulevard Saint-Michel", "place de la République", "chemin des Vignes", "allée des Tilleuls", "rue Jean-Jaurès", "quai d'Orsay", "impasse du Moulin"],
    es=["Calle Mayor", "Calle de Alcalá", "Avenida de la Constitución", "Plaza España", "Paseo del Prado", "C/ Serrano", "Avda. Diagonal", "Calle Gran Vía"],
    it=["Via Roma", "Via Giuseppe Garibaldi", "Viale dei Mille", "Piazza San Marco", "Corso Vittorio Emanuele II", "Largo Argentina", "Via XX Settembre"],
    nl=["Kerkstraat", "Prinsengracht", "Stationsweg", "Dorpsplein", "Vondellaan", "Oude Kade", "Molendijk", "Lange Voorhout"])
CITIES = dict(
    us=[("Springfield", "IL", "62704"), ("Austin", "TX", "73301"), ("New York", "NY", "10001"), ("Salt Lake City", "UT", "84101"), ("Portland", "OR", "97205-1234")],
    uk=[("London", "NW1 6XE"), ("Manchester", "M1 1AE"), ("Edinburgh", "EH1 1YZ"), ("Bristol", "BS8 1TH"), ("London", "W1A 0AX"), ("Milton Keynes", "MK9 2FH")],
    de=[("10115", "Berlin"), ("80331", "München"), ("60311", "Frankfurt am Main"), ("01067", "Dresden"), ("79098", "Freiburg im Breisgau"), ("50667", "Köln")],
    fr=[("75002", "Paris"), ("69001", "Lyon"), ("13008", "Marseille"), ("35000", "Rennes"), ("42000", "Saint-Étienne")],
    es=[("28013", "Madrid"), ("08001", "Barcelona"), ("41001", "Sevilla"), ("46002", "Valencia"), ("50001", "Zaragoza")],
    it=[("00184", "Roma"), ("20121", "Milano"), ("80133", "Napoli"), ("10121", "Torino")],
    nl=[("1012 AB", "Amsterdam"), ("3011 GX", "Rotterdam"), ("2514 EA", "Den Haag"), ("3512JE", "Utrecht")])

B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
EIP55 = ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
         "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D", "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26"]
IBANS = dict(DE="n18", FR="n10c11n2", ES="n20", IT="a1n10c12", NL="a4n10", GB="a4n14", PL="n24", BE="n12", CH="n5c12", AT="n16", PT="n21", SE="n20", FI="n14", DK="n14", NO="n11", IE="a4n14", CZ="n20", LU="n3c13")
BRANDS = [("4", 16), ("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16), ("65", 16), ("3528", 16), ("36", 14)]


class Values:
    "Makes one value of each kind. Methods named by a type give something personal, those with `no_` before it something that only looks like it."
    def __init__(self, rng): self.r = rng
    def digits(self, n): return "".join(self.r.choice(string.digits) for _ in range(n))
    def of(self, letters, n): return "".join(self.r.choice(letters) for _ in range(n))
    def alnum(self, n): return self.of(string.ascii_letters + string.digits, n)
    def hexa(self, n): return self.of("0123456789abcdef", n)
    def pick(self, *options): return self.r.choice(options)

    # -- contact
    def email(self, lang):
        a, b = plain(self.r.choice(FIRST)), plain(self.r.choice(LAST))
        local = self.pick(f"{a}.{b}", f"{a[0]}{b}", f"{a}_{b}", f"{b}{self.digits(2)}", f"{a}+{self.pick('news', 'shop', '2024')}", f"{a.title()}.{b.title()}", f"{a}-{b}", f"x{self.digits(5)}", a[0])
        domain = self.pick("gmail.com", "web.de", "orange.fr", "mail.mueller-bau.de", "uni-leiden.nl", "acme.co.uk", "startup.io", "OUTLOOK.COM", "correo.com.mx", "firma.online", "t-online.de", "sub.domain.example.museum", "bücher.de", "k.st")
        return f"{local}@{domain}"
    def _number(self, region, form):
        number = self.r.choice(PHONES[region])[form]
        if region == "US": number = number.replace("(201)", f"({self.r.choice(['201', '312', '415', '646', '808'])})").replace("555-01", f"{self.r.randint(220, 980)}-{self.digits(2)}")
        n = 4 if region != "EE" else 3
        out = list(number)
        for i in [i for i, c in enumerate(out) if c.isdigit()][-n:]: out[i] = self.r.choice("123456789")
        return "".join(out)
    def phone(self, lang):
        number = self._number(self.r.choice(HOME[lang]), self.r.choice((0, 0, 1)))
        return self.pick(number, number, number, number.replace(" ", "-").replace("--", "-") if "(" not in number else number, number.replace(" ", ".") if re.fullmatch(r"[\d ]+", number) else number)
    def phone_bare(self, lang):  # no separator at all: the template says that it is one
        return re.sub(r"[ ()\-]", "", self._number(self.r.choice(HOME[lang]), self.r.choice((0, 1))))
    def phone_int(self, lang):
        number = self._number(self.r.choice(sorted(PHONES)), 1)
        return self.pick(number, number, number.replace(" ", "").replace("-", ""), number.replace("+", "00", 1), number.replace(" ", "-"), re.sub(r"^(\+4[149]|\+3[13]) ", r"\1 (0)", number))
    def address(self, lang):
        c = dict(en=self.pick("us", "uk"), de="de", fr="fr", es="es", it="it", nl="nl").get(lang) or self.pick("de", "us")
        street, city, n = self.r.choice(STREETS[c]), self.r.choice(CITIES[c]), self.r.randint(1, 240)
        n = str(n) + (self.pick("a", "b") if self.r.random() < .1 and c in ("de", "uk", "nl") else "")
        if c == "us": return self.pick(f"{n} {street}, {city[0]}, {city[1]} {city[2]}", f"{n}{self.digits(1)} {street}, Apt {self.digits(1)}B, {city[0]}, {city[1]} {city[2]}", f"{n} {street}")
        if c == "uk": return self.pick(f"{n} {street}, {city[0]} {city[1]}", f"{n} {street}, {city[0]}, {city[1]}", f"Flat {self.r.randint(1, 9)}, {n} {street}, {city[0]} {city[1]}", f"{n} {street}")
        if c == "de": return self.pick(f"{street} {n}, {city[0]} {city[1]}", f"{street} {n}, {city[0]} {city[1]}", f"{street} {n}", f"{street} {n}, D-{city[0]} {city[1]}")
        if c == "fr": return self.pick(f"{n} {street}, {city[0]} {city[1]}", f"{n}, {street}, {city[0]} {city[1]}", f"{n} bis {street}, {city[0]} {city[1]}", f"{n} {street}")
        if c == "es": return self.pick(f"{street}, {n}, {city[0]} {city[1]}", f"{street} {n}, {self.r.randint(1, 9)}º {self.pick('A', 'B', 'izq.')}, {city[0]} {city[1]}", f"{street}, {n}", f"{street} nº {n}, {city[0]} {city[1]}")
        if c == "it": return self.pick(f"{street} {n}, {city[0]} {city[1]}", f"{street}, {n}, {city[0]} {city[1]}", f"{street} {n}")
        return self.pick(f"{street} {n}, {city[0]} {city[1]}", f"{street} {n}", f"{street} {n}, {city[0]} {city[1]}")

    # -- money
    def _luhn(self, body):
        total = 0
        for i, d in enumerate(reversed(body)):
            d = int(d) * (2 if i % 2 == 0 else 1)
            total += d - 9 if d > 9 else d
        return str(-total % 10)
    def card(self, lang):
        prefix, n = self.r.choice(BRANDS)
        body = prefix + self.digits(n - len(prefix) - 1)
        return self._card_form(body + self._luhn(body))
    def _card_form(self, c):
        cuts = (4, 10) if len(c) in (14, 15) else (4, 8, 12)
        parts = [c[a:b] for a, b in zip((0, *cuts), (*cuts, None))]
        return self.pick(c, " ".join(parts), "-".join(parts), " ".join(parts))
    def _iban(self, wrong=False):
        country = self.r.choice(sorted(IBANS))
        bban = "".join(self.of({"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase}[k], int(n)) for k, n in re.findall(r"([nac])(\d+)", IBANS[country]))
        check = 98 - int("".join(str(int(c, 36)) for c in bban + country + "00")) % 97
        if wrong: check = check % 95 + 3
        return f"{country}{check:02d}{bban}"
    def iban(self, lang):
        v = self._iban()
        return self.pick(v, " ".join(v[i:i + 4] for i in range(0, len(v), 4)))
    def crypto(self, lang):
        kind = self.r.randrange(5)
        if kind == 0: return self.r.choice(EIP55)
        if kind == 1: return "0x" + self.hexa(40)
        if kind < 4:
            raw = bytes([self.pick(0, 5)]) + self.r.randbytes(20)
            raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
            n, out = int.from_bytes(raw, "big"), ""
            while n: n, d = divmod(n, 58); out = B58[d] + out
            return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out
        bits = "".join(f"{b:08b}" for b in self.r.randbytes(20))
        data = [0] + [int(bits[i:i + 5], 2) for i in range(0, 160, 5)]
        def polymod(values):
            chk = 1
            for v in values:
                top, chk = chk >> 25, (chk & 0x1ffffff) << 5 ^ v
                for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)): chk ^= g if top >> i & 1 else 0
            return chk
        hrp = [ord(x) >> 5 for x in "bc"] + [0] + [ord(x) & 31 for x in "bc"]
        p = polymod(hrp + data + [0] * 6) ^ 1
        return "bc1" + "".join(BECH[d] for d in data + [p >> 5 * (5 - i) & 31 for i in range(6)])

    # -- machines
    def ip(self, lang):
        if self.r.random() < .7: return ".".join(str(x) for x in (self.pick(self.r.randint(11, 99), 192, 185, 203), self.r.randint(0, 255), self.r.randint(0, 255), self.r.randint(1, 254)))
        groups = [f"{self.r.randrange(1, 65536):x}" for _ in range(8)]
        groups[0] = self.pick("2a02", "2001", "2600", "fe80")
        return self.pick(":".join(groups), ":".join(groups[:4]) + "::" + groups[4], ":".join(groups[:3]) + "::", ":".join(groups[:2]) + "::" + ":".join(groups[2:4]))
    def mac(self, lang):
        pairs = [self.hexa(2) for _ in range(6)]
        return self.pick(":".join(pairs), ":".join(pairs).upper(), "-".join(pairs).upper())
    def imei(self, lang):
        body = self.pick("35", "01", "86") + self.digits(12)
        return body + self._luhn(body)
    def url_credentials(self, lang):  # the spans lie inside; marked by \1 \2
        who = plain(self.r.choice(FIRST))
        secret = self.alnum(self.r.randint(8, 16)) + self.pick("", "!", "%21")
        host = self.pick("db.internal", "repo.acme.io", "pg-3.lan", "ftp.server.example.net", "cache-01.prod")
        return self.pick(f"{self.pick('postgres', 'https', 'ftp', 'redis', 'mongodb+srv', 'amqp')}://\1{who}:{secret}\2@{host}{self.pick('', ':5432')}/{self.pick('data', 'main.git', '')}",
                         f"https://api.{self.pick('acme.io', 'service.com')}/v1/users?{self.pick('page=2&', '')}{self.pick('access_token', 'token', 'api_key', 'apikey', 'auth', 'sig', 'key')}=\1{self.alnum(self.r.randint(20, 40))}\2{self.pick('', '&lang=en')}")
    def secret(self, lang):
        A, D, up = string.ascii_letters + string.digits, string.digits, string.ascii_uppercase
        url = A + "-_"
        jwt = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
        return self.pick(*[lambda: self.pick("AKIA", "ASIA") + self.of(up + "234567", 16), lambda: self.pick("ghp_", "gho_", "ghs_") + self.alnum(36), lambda: "github_pat_" + self.alnum(22) + "_" + self.alnum(59),
            lambda: "glpat-" + self.of(url, 20), lambda: f"xoxb-{self.digits(12)}-{self.digits(12)}-{self.alnum(24)}", lambda: self.pick("sk_live_", "rk_live_", "sk_test_") + self.alnum(24), lambda: "AIza" + self.of(url, 35),
            lambda: "sk-proj-" + self.of(url, 48) + "T3BlbkFJ" + self.of(url, 48), lambda: "sk-" + self.alnum(20) + "T3BlbkFJ" + self.alnum(20), lambda: "sk-ant-api03-" + self.of(url, 93) + "AA", lambda: "hf_" + self.of(string.ascii_letters, 34),
            lambda: "npm_" + self.alnum(36), lambda: "pypi-AgEIcHlwaS5vcmc" + self.of(url, 150), lambda: f"SG.{self.of(url, 22)}.{self.of(url, 43)}", lambda: "SK" + self.hexa(32), lambda: "GOCSPX-" + self.of(url, 28),
            lambda: f"{jwt({'alg': 'HS256', 'typ': 'JWT'})}.{jwt({'sub': self.digits(6), 'iat': int(self.digits(9))})}.{self.of(url, 43)}", lambda: "glpat-" + self.of(url, 20), lambda: "dop_v1_" + self.hexa(64), lambda: "shpat_" + self.hexa(32)])()
    def pem(self, lang):
        kind = self.pick("RSA ", "", "EC ", "OPENSSH ")
        body = "\n".join(self.of(string.ascii_letters + string.digits + "+/", 64) for _ in range(self.r.randint(4, 12)))
        return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"
    def azure(self, lang): return base64.b64encode(self.r.randbytes(64)).decode()
    def awssecret(self, lang): return self.of(string.ascii_letters + string.digits + "+/", 40)
    def password(self, lang): return self.pick(self.alnum(9) + "!" + self.digits(2), plain(self.r.choice(LAST)).title() + self.digits(4) + "#", self.of(string.ascii_letters + string.digits + "$%&*-_!?", 14), "Tr0ub4dor&" + self.digits(1), "hunter2" + self.alnum(3), "correct-horse-" + self.digits(3))
    def bearer(self, lang): return self.pick(self.alnum(40), self.hexa(32), self.of(string.ascii_letters + string.digits + "-._~", 48))

    # -- national numbers, each by its country's rule
    def _birth(self): return self.r.randint(1935, 2009), self.r.randint(1, 12), self.r.randint(1, 28)
    def us_ssn(self, lang): return f"{self.pick(self.r.randint(1, 665), self.r.randint(667, 899)):03d}{{}}{self.r.randint(1, 99):02d}{{}}{self.r.randint(1, 9999):04d}".replace("{}", self.pick("-", "-", "-", " "))
    def us_ssn_bare(self, lang): return f"{self.r.randint(1, 665):03d}{self.r.randint(1, 99):02d}{self.r.randint(1, 9999):04d}"
    def de_tax_id(self, lang):  # one digit twice (or thrice), the rest once; ISO 7064 MOD 11,10
        ten = self.r.sample(string.digits, 9); ten.append(self.r.choice(ten)); self.r.shuffle(ten)
        while ten[0] == "0" : self.r.shuffle(ten)
        p = 10
        for d in ten: s = (int(d) + p) % 10 or 10; p = s * 2 % 11
        v = "".join(ten) + str((11 - p) % 10)
        return self.pick(v, f"{v[:2]} {v[2:5]} {v[5:8]} {v[8:]}")
    def es_dni(self, lang):
        letters, n = "TRWAGMYFPDXBNJZSQVHLCKE", self.r.randrange(10**7, 10**8)
        if self.r.random() < .3:
            x, n = self.r.choice("XYZ"), self.r.randrange(10**6, 10**7)
            return f"{x}{self.pick('', '-')}{n:07d}{{}}{letters[int(str('XYZ'.index(x)) + f'{n:07d}') % 23]}".replace("{}", self.pick("", "-"))
        return f"{n}{self.pick('', '-', ' ')}{letters[n % 23]}"
    def it_codice_fiscale(self, lang):
        y, m, d = self._birth()
        cons = lambda: self.of("BCDFGLMNPRSTVZ", 3)
        body = f"{cons()}{cons()}{y % 100:02d}{'ABCDEHLMPRST'[m - 1]}{d + self.pick(0, 40):02d}{self.of('ABCDEFGHIL', 1)}{self.r.randint(100, 990)}"
        odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21))) | dict(zip(string.ascii_uppercase, (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
        total = sum(odd[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(body))
        return body + chr(65 + total % 26)
    def fr_nir(self, lang):
        y, m, _ = self._birth()
        body = f"{self.pick(1, 2)}{y % 100:02d}{m:02d}{self.r.randint(1, 95):02d}{self.r.randint(1, 990):03d}{self.r.randint(1, 999):03d}"
        key = 97 - int(body) % 97
        return self.pick(f"{body}{key:02d}", f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key:02d}")
    def uk_nhs(self, lang):
        while True:
            nine = self.pick("4", "6", "7") + self.digits(8)
            c = 11 - sum(int(d) * (10 - i) for i, d in enumerate(nine)) % 11
            if c != 10: break
        v = nine + str(0 if c == 11 else c)
        return self.pick(v, f"{v[:3]} {v[3:6]} {v[6:]}", f"{v[:3]}-{v[3:6]}-{v[6:]}")
    def uk_nino(self, lang):
        p = self.r.choice("AB AE CE EE GH HB JC JG KA LE MW NR OA PX RB SA TE WM YZ ZY".split())
        v = p + self.digits(6) + self.r.choice("ABCD")
        return self.pick(v, f"{v[:2]} {v[2:4]} {v[4:6]} {v[6:8]} {v[8]}")
    def nl_bsn(self, lang):
        while True:
            d = [int(c) for c in self.pick("1", "2") + self.digits(7)]
            c = sum(x * w for x, w in zip(d, range(9, 1, -1))) % 11
            if c < 10: return "".join(map(str, d)) + str(c)
    def pl_pesel(self, lang):
        y, m, d = self._birth()
        ten = f"{y % 100:02d}{m + (20 if y >= 2000 else 0):02d}{d:02d}{self.digits(4)}"
        return ten + str(-sum(int(c) * w for c, w in zip(ten, (1, 3, 7, 9) * 3)) % 10)
    def br_cpf(self, lang):
        d = [self.r.randrange(10) for _ in range(9)]
        for n in (10, 11): r = sum(x * w for x, w in zip(d, range(n, 1, -1))) * 10 % 11; d.append(r % 10)
        v = "".join(map(str, d))
        return f"{v[:3]}.{v[3:6]}.{v[6:9]}-{v[9:]}"
    def br_cpf_bare(self, lang): return re.sub(r"\D", "", self.br_cpf(lang))
    def in_aadhaar(self, lang):
        mul = lambda a, b: (a + b) % 5 if a < 5 and b < 5 else (a + (b - 5)) % 5 + 5 if a < 5 else (a - 5 - b) % 5 + 5 if b < 5 else (a - b) % 5  # the dihedral group D5
        perm = lambda i, x: x if i == 0 else perm(i - 1, (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[x])
        body, c = self.pick(*"23456789") + self.digits(10), 0
        for i, x in enumerate(reversed(body)): c = mul(c, perm((i + 1) % 8, int(x)))
        v = body + str(next(x for x in range(10) if mul(c, x) == 0))
        return self.pick(f"{v[:4]} {v[4:8]} {v[8:]}", f"{v[:4]} {v[4:8]} {v[8:]}", v)
    def se_personnummer(self, lang):
        y, m, d = self._birth()
        nine = f"{y % 100:02d}{m:02d}{d:02d}{self.r.randint(1, 999):03d}"
        v = nine + self._luhn(nine)
        return self.pick(f"{v[:6]}-{v[6:]}", f"{str(y)[:2]}{v[:6]}-{v[6:]}", f"{str(y)[:2]}{v}")
    def fi_hetu(self, lang):
        y, m, d = self._birth()
        nine = f"{d:02d}{m:02d}{y % 100:02d}{self.r.randint(2, 899):03d}"
        return f"{nine[:6]}{'-' if y < 2000 else 'A'}{nine[6:]}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(nine) % 31]}"
    def birth_date(self, lang):
        y, m, d = self._birth()
        months = dict(en="January February March April May June July August September October November December", de="Januar Februar März April Mai Juni Juli August September Oktober November Dezember", fr="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
                      es="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", it="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", nl="januari februari maart april mei juni juli augustus september oktober november december",
                      pl="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia", pt="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro", sv="januari februari mars april maj juni juli augusti september oktober november december",
                      fi="tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta")[lang].split()
        name, iso = months[m - 1], f"{y}-{m:02d}-{d:02d}"
        return dict(en=self.pick(f"{name} {d}, {y}", f"{d} {name} {y}", f"{m:02d}/{d:02d}/{y}", iso, f"{d} {name[:3]} {y}"), de=self.pick(f"{d:02d}.{m:02d}.{y}", f"{d}. {name} {y}", f"{d}.{m}.{y}"), fr=self.pick(f"{d:02d}/{m:02d}/{y}", f"{d} {name} {y}"), es=self.pick(f"{d:02d}/{m:02d}/{y}", f"{d} de {name} de {y}"),
                    it=self.pick(f"{d:02d}/{m:02d}/{y}", f"{d} {name} {y}"), nl=self.pick(f"{d:02d}-{m:02d}-{y}", f"{d} {name} {y}"), pl=self.pick(f"{d:02d}.{m:02d}.{y}", f"{d} {name} {y} r."[:-3]), pt=self.pick(f"{d:02d}/{m:02d}/{y}", f"{d} de {name} de {y}"), sv=self.pick(iso, f"{d} {name} {y}"), fi=self.pick(f"{d}.{m}.{y}", f"{d}. {name} {y}"))[lang]
    def passport_mrz(self, lang):
        w = lambda s: str(sum((0 if c == "<" else int(c, 36)) * (7, 3, 1)[i % 3] for i, c in enumerate(s)) % 10)
        y, m, d = self._birth()
        country = self.pick("UTO", "D<<", "FRA", "NLD", "GBR", "ESP")
        number, born, ends = self.of(string.ascii_uppercase + string.digits, 9), f"{y % 100:02d}{m:02d}{d:02d}", f"{self.r.randint(26, 34)}{m:02d}{d:02d}"
        first, last = plain(self.r.choice(FIRST)).upper(), plain(self.r.choice(LAST)).upper()
        one = f"P<{country}{last}<<{first}".ljust(44, "<")
        rest = "<" * 14
        two = f"{number}{w(number)}{country}{born}{w(born)}{self.pick('M', 'F', '<')}{ends}{w(ends)}{rest}{w(rest)}"
        return one + "\n" + two + w(two[:10] + two[13:20] + two[21:43])

    # -- what only looks like it
    def no_order(self, lang): return self.pick(f"ORD-{self.r.randint(2019, 2026)}-{self.digits(8)}", f"#{self.digits(7)}", f"A{self.digits(9)}", f"{self.digits(4)}-{self.digits(4)}", self.pick("1", "4", "7") + self.digits(7), self.pick("2", "5", "9") + self.digits(9), f"3{self.digits(2)}-{self.digits(7)}-{self.digits(7)}")
    def no_version(self, lang): return self.pick(f"{self.r.randint(0, 12)}.{self.r.randint(0, 30)}.{self.r.randint(0, 20)}", f"v{self.r.randint(1, 9)}.{self.r.randint(0, 30)}.{self.r.randint(0, 9)}.{self.r.randint(0, 9)}", f"10.0.{self.r.randint(10240, 22631)}.{self.r.randint(300, 4000)}", f"{self.r.randint(1, 9)}.{self.r.randint(0, 20)}.0-rc.{self.r.randint(1, 9)}", f"{self.r.randint(1, 140)}.0.{self.r.randint(1000, 9999)}.{self.r.randint(10, 250)}")
    def no_version4(self, lang): return f"{self.r.randint(1, 9)}.{self.r.randint(0, 30)}.{self.r.randint(0, 9)}.{self.r.randint(0, 200)}"
    def no_hash(self, lang): return self.pick(self.hexa(7), self.hexa(40), self.hexa(64), self.hexa(32), "sha256:" + self.hexa(64), base64.b64encode(self.r.randbytes(24)).decode())
    def no_uuid(self, lang): h = self.hexa(32); return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"
    def no_time(self, lang):
        y, m, d, H, M, S = self.r.randint(2015, 2026), self.r.randint(1, 12), self.r.randint(1, 28), self.r.randint(0, 23), self.r.randint(0, 59), self.r.randint(0, 59)
        return self.pick(f"{y}-{m:02d}-{d:02d}T{H:02d}:{M:02d}:{S:02d}Z", f"{y}-{m:02d}-{d:02d} {H:02d}:{M:02d}:{S:02d},{self.digits(3)}", f"{d:02d}/{m:02d}/{y} {H:02d}:{M:02d}", f"{self.r.randint(1500000000, 1790000000)}", f"{self.r.randint(1500000000, 1790000000)}{self.digits(3)}", f"{H:02d}:{M:02d}:{S:02d}.{self.digits(6)}", f"{d:02d}.{m:02d}.{y}", f"{y}{m:02d}{d:02d}{H:02d}{M:02d}{S:02d}")
    def no_isbn(self, lang):
        body = "978" + self.digits(9)
        c = -sum(int(x) * (1, 3)[i % 2] for i, x in enumerate(body)) % 10
        return self.pick(f"{body}{c}", f"{body[:3]}-{body[3]}-{body[4:7]}-{body[7:12]}-{c}", f"{body[:3]}-{body[3]}-{body[4:8]}-{body[8:12]}-{c}", f"{body[3]}-{body[4:8]}-{body[8:12]}-{self.pick('X', '4', '7')}")
    def no_price(self, lang): return self.pick(f"${self.r.randint(1, 999)},{self.digits(3)}.{self.digits(2)}", f"{self.r.randint(1, 99)}.{self.digits(3)},{self.digits(2)} €", f"€ {self.r.randint(10, 9999)},-", f"{self.r.randint(1, 9)} {self.digits(3)} {self.digits(3)} zł", f"{self.r.randint(100, 999)} {self.digits(3)},{self.digits(2)} EUR", f"USD {self.r.randint(1, 9)},{self.digits(3)},{self.digits(3)}")
    def no_tracking(self, lang): return self.pick(f"1Z{self.of(string.ascii_uppercase + string.digits, 6)}{self.digits(10)}", f"JD01{self.digits(14)}", f"{self.of('RCLE', 2)}{self.digits(9)}DE", f"003404{self.digits(14)}")
    def no_card(self, lang):
        body = self.pick("4", "51", "37") ; body += self.digits((15 if body == "37" else 16) - len(body) - 1)
        return self._card_form(body + str((int(self._luhn(body)) + self.r.randint(1, 9)) % 10))
    def no_iban(self, lang): return self._iban(True)
    def no_email(self, lang): return self.pick("root@localhost", "@dataclass", "git@github.com:acme/site.git", "react@18.2.0", "@types/node@20.1.1", "user@", "@anna_k", "lodash@^4.17.21", "foo@@bar", "a @ b.c", "price@2.50", "ssh deploy@web01")
    def no_address(self, lang): return self.pick("Wall Street closed 300 points lower", "Sesame Street turned 50", "the road to 2030", "Straße der Zukunft", "12 main points", "Via 3 steps", "chapter 4 place names", "an avenue of 40 trees", "Plaza de 5 estrellas", "5 Drive bays", "the way 3 of 4 teams work", "14 Court rulings", "100 Lane departures")
    def no_password(self, lang): return self.pick("password: required", "password = None", "password = os.environ[\"DB_PASSWORD\"]", "token: string", "secret=${SECRET}", "api_key=<your-key>", "password=********", "max_tokens=1024", "password = getpass()", "tokenizer=\"bert-base-uncased\"", "passwd: true", "password=password_field.value", "secret: {{ vault_secret }}", "API_KEY=changeme", "password: str = Field(...)", "token = next(tokens)", "password is too short", "PASSWORD=$1")
    def no_code(self, lang): return self.pick("std::vector<int>", "a[1:2:3]", "x = 0xDEADBEEF", "range(1, 1000000)", "color: #a1b2c3", "1920x1080", "127.0.0.1:8080", "0.0.0.0", "::1", "255.255.255.0", "https://example.org/path?id=123456&page=2", "for (i = 0; i < 10; i++)", "3.14159265358979", "1e-10", "Foo::Bar::baz()", "s/\\d+/N/g", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg", "git://server/repo.git", "http://user@host/", "10.1109/5.771073", "arXiv:2104.08691", "SELECT 1234567890", "0x" + self.hexa(8))
    def no_number(self, lang): return self.pick(f"{self.r.randint(10, 99)},{self.digits(3)},{self.digits(3)}", f"{self.r.randint(1, 9)} {self.digits(3)} {self.digits(3)}", f"{self.digits(2)}-{self.digits(2)}-{self.digits(2)}", f"{self.r.randint(1, 90)}.{self.digits(6)}, {self.r.randint(1, 170)}.{self.digits(6)}", f"{self.r.randint(1, 9)}{self.digits(8)}", f"{self.r.randint(1, 9)}{self.digits(10)}", f"{self.r.randint(1000, 1999)}-{self.r.randint(2000, 2030)}", f"§ {self.r.randint(1, 900)} Abs. {self.r.randint(1, 9)}", f"{self.digits(3)}/{self.digits(4)}/{self.r.randint(2001, 2025)}", f"{self.r.randint(100, 999)}-{self.r.randint(100, 999)}", f"{self.digits(5)}, {self.digits(5)}, {self.digits(5)}", f"{self.r.randint(1,12)}/{self.r.randint(10,99)}/{self.digits(5)}")
    def no_date(self, lang): return self.pick(f"{self.r.randint(1, 28):02d}.{self.r.randint(1, 12):02d}.{self.r.randint(1950, 2025)}", f"{self.r.randint(1950, 2025)}-0{self.r.randint(1, 9)}-{self.r.randint(10, 28)}", f"0{self.r.randint(1, 9)}/{self.r.randint(10, 28)}/{self.r.randint(1950, 2025)}")
    def no_name(self, lang): return f"{self.r.choice(FIRST)} {self.r.choice(LAST)}"


# ---- templates: {type} is personal, {no_x} only looks like it. A name may stand anywhere: it is not among the structured types and not labelled.

A = r"""
en|ticket|Hi, my order {no_order} never arrived. Please write to {email} or call {phone}. Thanks, {no_name}
en|ticket|I was charged twice on card {card}. My billing address is {address}.
en|ticket|Customer {no_name}, date of birth {birth_date}, asks for a refund of {no_price}.
en|mail|From: {email}\nTo: {email}\nDate: {no_time}\nSubject: Invoice {no_order}\n\nPlease transfer {no_price} to IBAN {iban}.
en|mail|Best regards,\n{no_name}\n{address}\nPhone: {phone}\nMobile: {phone_int}\n{email}
en|mail|You can reach me at {phone_int} after five. If not, try {email}.
en|log|{no_time} INFO login user={email} ip={ip} agent=Chrome/{no_version}
en|log|{no_time} WARN [auth] failed attempt from {ip} port 51422 ssh2
en|log|{ip} - - [10/Oct/2024:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 2326
en|log|dhcpd: DHCPACK on {ip} to {mac} via eth0
en|code|API_TOKEN = "{secret}"
en|code|export AWS_ACCESS_KEY_ID={secret}\nexport AWS_SECRET_ACCESS_KEY={awssecret}
en|code|client = Client(api_key="{secret}", timeout=30)
en|code|DATABASE_URL={url_credentials}
en|code|curl -H "Authorization: Bearer {bearer}" https://api.acme.io/v1/me
en|code|{pem}
en|code|AccountName=store01;AccountKey={azure};EndpointSuffix=core.windows.net
en|code|git clone {url_credentials}
en|code|password = "{password}"  # TODO remove
en|code|DB_PASSWORD={password}
en|csv|id,name,email,phone\n{no_order},{no_name},{email},{phone_int}
en|csv|{no_name};{address};{birth_date_ctx};{email}
en|csv|"{no_name}","{card}","{no_price}","{no_time}"
en|legal|The claimant, born on {birth_date}, residing at {address}, filed case {no_number}.
en|legal|Social security number {us_ssn} was disclosed on {no_time}.
en|chat|sure, send it to {crypto} and text me at {phone}
en|chat|my new email is {email} 😀😀 and my old one was {email}
en|ticket|Please update SSN to {us_ssn}, the old entry {no_order} is wrong.
en|ticket|SSN: {us_ssn_bare}. Name: {no_name}.
en|mail|NHS number: {uk_nhs}. GP: {no_name}, {address}.
en|mail|National Insurance number {uk_nino} is on the payslip.
en|ticket|Aadhaar: {in_aadhaar}, mobile {phone_int}
en|ticket|The device with IMEI {imei} and MAC {mac} was stolen.
en|ticket|BTC payment to {crypto} has not confirmed, tx {no_hash}.
en|ticket|Passport scan:\n{passport_mrz}\nPlease confirm.
en|chat|ring me on {phone_bare} tonight
en|mail|Wire details: {iban}, reference {no_order}
en|log|payment accepted pan={card} amount={no_price} trace={no_uuid}
en|log|GET {url_credentials} 200 {no_number}ms
en|chat|dob {birth_date}, ssn {us_ssn}
de|ticket|Guten Tag, meine Bestellung {no_order} ist nicht da. Sie erreichen mich unter {phone} oder {email}.
de|ticket|Bitte buchen Sie {no_price} von meinem Konto {iban} ab.
de|mail|Mit freundlichen Grüßen\n{no_name}\n{address}\nTel.: {phone}\nE-Mail: {email}
de|legal|Der Kläger, geboren am {birth_date}, wohnhaft {address}, beantragt gemäß {no_number} die Zahlung.
de|ticket|Meine Steuer-ID lautet {de_tax_id}, geb. {birth_date}.
de|mail|Steuerliche Identifikationsnummer: {de_tax_id}
de|csv|{no_name};{address};{iban};{no_date}
de|ticket|Passwort: {password}\nBitte ändern.
de|chat|ruf mich an: {phone}
de|ticket|Handy {phone_bare}, Kundennummer {no_order}
fr|ticket|Bonjour, ma commande {no_order} n'est pas arrivée. Appelez-moi au {phone} ou écrivez à {email}.
fr|mail|Cordialement,\n{no_name}\n{address}\nTél. : {phone}
fr|legal|Monsieur {no_name}, né le {birth_date} à Lyon, demeurant {address}.
fr|ticket|Mon numéro de sécurité sociale est {fr_nir}.
fr|csv|{no_name};{fr_nir};{email};{no_date}
fr|ticket|Le virement de {no_price} part du compte {iban}.
fr|ticket|mot de passe : {password}
es|ticket|Hola, mi pedido {no_order} no ha llegado. Mi teléfono es {phone} y mi correo {email}.
es|legal|D. {no_name}, con DNI {es_dni}, nacido el {birth_date}, con domicilio en {address}.
es|ticket|NIE: {es_dni}. Cuenta: {iban}.
es|mail|Un saludo,\n{no_name}\n{address}\nMóvil: {phone}
es|ticket|Mi contraseña es {password}
it|ticket|Buongiorno, l'ordine {no_order} non è arrivato. Il mio numero di telefono è {phone}, email {email}.
it|legal|Il signor {no_name}, nato a Roma il {birth_date}, C.F. {it_codice_fiscale}, residente in {address}.
it|mail|Cordiali saluti\n{no_name}\n{address}\nCell. {phone}
it|csv|{no_name};{it_codice_fiscale};{iban};{no_date}
nl|ticket|Goedemiddag, bestelling {no_order} is niet geleverd. Bel mij op {phone} of mail {email}.
nl|legal|De heer {no_name}, geboren op {birth_date}, wonende te {address}, BSN {nl_bsn}.
nl|mail|Met vriendelijke groet,\n{no_name}\n{address}\nTel: {phone}
nl|ticket|Mijn burgerservicenummer is {nl_bsn}; rekening {iban}.
pl|ticket|Dzień dobry, zamówienie {no_order} nie dotarło. Telefon: {phone}, e-mail: {email}.
pl|legal|{no_name}, urodzony {birth_date}, PESEL {pl_pesel}.
pl|csv|{no_name};PESEL: {pl_pesel};{iban}
pt|ticket|Olá, meu pedido {no_order} não chegou. Telefone: {phone}, e-mail {email}.
pt|legal|{no_name}, nascido em {birth_date}, CPF {br_cpf}, requer o pagamento de {no_price}.
pt|csv|{no_name},{br_cpf},{email}
pt|ticket|CPF: {br_cpf_bare}
sv|ticket|Hej, min beställning {no_order} har inte kommit. Ring {phone} eller mejla {email}.
sv|legal|{no_name}, personnummer {se_personnummer}, född {birth_date}.
sv|csv|{no_name};{se_personnummer};{iban}
fi|ticket|Hei, tilaukseni {no_order} ei ole saapunut. Puhelin {phone}, sähköposti {email}.
fi|legal|{no_name}, henkilötunnus {fi_hetu}, syntynyt {birth_date}.
fi|csv|{no_name};{fi_hetu};{iban}
"""

B = r"""
en|ticket|Could someone ring {phone} about {no_order}? Email is {email}.
en|ticket|I paid with {card} on {no_date}, yet it shows {no_price} outstanding.
en|ticket|Ship the replacement to {address} instead, thank you.
en|ticket|Account holder DOB: {birth_date}; verify before sharing anything about {no_order}.
en|mail|> On {no_time}, {no_name} <{email}> wrote:\n> Our account is {iban}.
en|mail|{no_name} | Sales | T {phone} | M {phone_int} | {email} | {address}
en|mail|Kindly send the contract to {address}. Fax: {phone_int}
en|log|{no_time} ERROR request_id={no_uuid} client={ip} user_email="{email}" msg="card {card} declined"
en|log|sshd[{no_number}]: Accepted publickey for deploy from {ip} port 40022
en|log|{no_time} connect {ip}:443 -> ok ({no_version})
en|log|wlan0: associated with {mac} (rssi -60)
en|code|{{"token": "{secret}", "retries": 3}}
en|code|const key = '{secret}'; // build {no_hash}
en|code|aws_secret_access_key = {awssecret}
en|code|engine = create_engine("{url_credentials}")
en|code|headers = {{"Authorization": "Bearer {bearer}"}}
en|code|cat > key.pem <<EOF\n{pem}\nEOF
en|code|spring.datasource.password={password}
en|code|conn = connect(user="app", password="{password}", host="db")
en|code|DefaultEndpointsProtocol=https;AccountName=logs;AccountKey={azure}
en|csv|{email}\t{phone_int}\t{no_date}\t{no_price}
en|csv|name,ssn,dob\n{no_name},{us_ssn},{no_number}
en|csv|{no_number},{ip},{no_time},{no_hash}
en|legal|This agreement is made with {no_name} of {address} (date of birth: {birth_date}).
en|legal|Taxpayer identification (SSN) {us_ssn}; docket {no_number}.
en|chat|whats the wallet again? {crypto}?
en|chat|{phone} is my number 👍 call whenever
en|chat|مرحبا my mail is {email} شكرا
en|ticket|The patient (NHS no. {uk_nhs}) lives at {address}.
en|ticket|My NI number is {uk_nino} and my email {email}
en|ticket|My social security number is {us_ssn_bare}.
en|ticket|aadhaar card {in_aadhaar} is linked to {phone}
en|ticket|IMEI: {imei}, serial {no_tracking}
en|ticket|please refund to {crypto}, not to {no_hash}
en|mail|MRZ of the travel document:\n{passport_mrz}
en|mail|WhatsApp: {phone_bare}
en|log|redirect to {url_credentials}
en|mail|IBAN: {iban}\nAmount: {no_price}\nReference: {no_tracking}
en|chat|I was born {birth_date} btw
de|ticket|Bitte rufen Sie mich zurück: {phone}. Vorgang {no_order}.
de|ticket|Neue Bankverbindung: {iban}, Kontoinhaber {no_name}.
de|mail|{no_name}, {address}, Telefon {phone}, Mobil {phone_int}, {email}
de|legal|Frau {no_name}, geb. am {birth_date}, Anschrift: {address}.
de|ticket|IdNr. {de_tax_id} bitte im Vorgang {no_order} ergänzen.
de|csv|"{no_name}";"{email}";"{phone_int}";"{no_date}"
de|chat|mein Kennwort ist {password}
de|ticket|Geburtsdatum: {birth_date}, Telefonnummer {phone_bare}
fr|ticket|Vous pouvez me joindre au {phone} pour le dossier {no_order}.
fr|mail|{no_name}, {address}, {email}, portable {phone}
fr|legal|Mme {no_name}, née le {birth_date}, domiciliée {address}, NIR {fr_nir}.
fr|csv|{email};{iban};{no_date};{no_price}
fr|ticket|date de naissance : {birth_date}, téléphone {phone_bare}
es|ticket|Llámenme al {phone}, por favor; referencia {no_order}.
es|legal|{no_name} (DNI: {es_dni}), fecha de nacimiento {birth_date}, vecino de {address}.
es|csv|{no_name};{es_dni};{email};{no_date}
es|mail|Tel. {phone}\n{email}\n{address}
it|ticket|Mi chiami al {phone}, pratica {no_order}.
it|legal|La sig.ra {no_name}, nata il {birth_date}, codice fiscale {it_codice_fiscale}, domiciliata in {address}.
it|csv|{it_codice_fiscale},{email},{no_price}
nl|ticket|U kunt me bereiken op {phone}; zaak {no_order}.
nl|legal|Mevrouw {no_name} (geboortedatum {birth_date}, BSN: {nl_bsn}), {address}.
nl|csv|{no_name};BSN {nl_bsn};{email}
pl|ticket|Proszę o kontakt pod numerem {phone}, sprawa {no_order}.
pl|legal|Nr PESEL: {pl_pesel}, data urodzenia: {birth_date}.
pt|ticket|Meu celular é {phone}; protocolo {no_order}.
pt|legal|Inscrito no CPF sob o nº {br_cpf}, data de nascimento {birth_date}.
sv|ticket|Mitt telefonnummer är {phone}, ärende {no_order}.
sv|legal|Personnummer: {se_personnummer}. Födelsedatum {birth_date}.
fi|ticket|Voit soittaa numeroon {phone}, asia {no_order}.
fi|legal|Hetu: {fi_hetu}, syntymäaika {birth_date}.
"""

HARD_A = r"""
en|ticket|Order {no_order} shipped with tracking {no_tracking}, total {no_price}.
en|ticket|After updating to version {no_version} the app crashes at {no_time}.
en|ticket|Version {no_version4} fixes bug {no_order}; see commit {no_hash}.
en|log|{no_time} DEBUG build {no_version} sha {no_hash} took {no_number} ms
en|log|{no_time} session {no_uuid} bound to 0.0.0.0 worker {no_number}
en|code|{no_code}
en|code|{no_password}
en|code|{no_password}\n{no_code}\n{no_email}
en|code|npm install {no_email}
en|code|# firmware {no_version4}, checksum {no_hash}
en|legal|See {no_number}, decided on {no_date}; ISBN {no_isbn}.
en|csv|{no_number},{no_number},{no_price},{no_date}
en|csv|{no_order};{no_isbn};{no_time};{no_hash}
en|mail|The project was born in 2012 and the meeting is on {no_date}.
en|mail|{no_address}. Invoice {no_order}, {no_price}.
en|chat|the test card {no_card} fails the checksum, use another
en|ticket|The IBAN {no_iban} was rejected as invalid.
en|chat|score was {no_number}, price {no_price}, room 1204
de|ticket|Die Bestellung {no_order} vom {no_date} kostet {no_price}.
de|ticket|Seit Version {no_version} erscheint Fehler {no_number}.
de|legal|Nach {no_number} in der Fassung vom {no_date} gilt {no_address}.
de|csv|{no_order};{no_date};{no_price};{no_number}
fr|ticket|La commande {no_order} du {no_date} coûte {no_price}.
fr|legal|Vu l'article {no_number} et la décision du {no_date}.
es|ticket|El pedido {no_order} del {no_date} cuesta {no_price}.
it|ticket|L'ordine {no_order} del {no_date} costa {no_price}.
nl|ticket|Bestelling {no_order} van {no_date} kost {no_price}.
pl|ticket|Zamówienie {no_order} z dnia {no_date} kosztuje {no_price}.
pt|ticket|O pedido {no_order} de {no_date} custa {no_price}.
sv|ticket|Beställning {no_order} från {no_date} kostar {no_price}.
fi|ticket|Tilaus {no_order} ({no_date}) maksaa {no_price}.
"""

HARD_B = r"""
en|ticket|Ref {no_order}: parcel {no_tracking} is late, {no_price} to be refunded.
en|ticket|Downgraded from {no_version} to {no_version}; error code {no_number}.
en|ticket|Installed driver v{no_version4} on {no_date}, hash {no_hash}.
en|log|{no_time} trace={no_uuid} status=200 bytes={no_number} etag="{no_hash}"
en|log|[{no_time}] listening on {no_code}
en|code|if x: return {no_code}  # see {no_email}
en|code|config:\n  {no_password}\n  image: app:{no_version}
en|code|{no_email} {no_email}
en|code|assert total == {no_number}, "{no_password}"
en|legal|Case no. {no_number}; hearing {no_date}; {no_address}.
en|csv|sku,isbn,price\n{no_number},{no_isbn},{no_price}
en|csv|{no_time},{no_uuid},{no_version},{no_number}
en|mail|Book: {no_isbn}. Delivered {no_date}. Paid {no_price}.
en|mail|{no_address} and {no_number} others; the agency, born of crisis in {no_date}, closed.
en|chat|invalid pan {no_card} lol
en|ticket|Typo in the account: {no_iban} does not exist
de|ticket|Sendung {no_tracking}, Auftrag {no_order}, Betrag {no_price}.
de|ticket|Artikel {no_isbn} ist ab {no_date} lieferbar.
de|legal|Az. {no_number}, Urteil vom {no_date}.
fr|ticket|Réf. {no_order}, colis {no_tracking}, montant {no_price}.
fr|csv|{no_date};{no_number};{no_price}
es|ticket|Ref. {no_order}, envío {no_tracking}, importe {no_price}.
it|ticket|Rif. {no_order}, spedizione {no_tracking}, importo {no_price}.
nl|ticket|Ref. {no_order}, pakket {no_tracking}, bedrag {no_price}.
pl|ticket|Nr {no_order}, paczka {no_tracking}, kwota {no_price}.
pt|ticket|Ref. {no_order}, encomenda {no_tracking}, valor {no_price}.
sv|ticket|Ref. {no_order}, paket {no_tracking}, belopp {no_price}.
fi|ticket|Viite {no_order}, paketti {no_tracking}, summa {no_price}.
"""

FILL = dict(
    en=["We looked into this and could not reproduce it.", "The second half of the report covers the 2023 season.", "Please keep the original packaging until the case is closed.", "It worked on the first try yesterday, but not today.", "Let me know whether Thursday at 10:30 suits you.", "The contract runs for 24 months and renews by itself.", "There were about 1,200 visitors, more than in any year before."],
    de=["Wir haben das geprüft und konnten den Fehler nicht nachstellen.", "Der zweite Teil des Berichts behandelt das Jahr 2023.", "Bitte bewahren Sie die Verpackung auf, bis der Fall abgeschlossen ist.", "Gestern ging es noch, heute nicht mehr.", "Der Vertrag läuft 24 Monate und verlängert sich von selbst."],
    fr=["Nous avons vérifié et n'avons pas pu reproduire l'erreur.", "La deuxième partie du rapport porte sur l'année 2023.", "Merci de conserver l'emballage jusqu'à la clôture du dossier.", "Le contrat dure 24 mois et se renouvelle tacitement."],
    es=["Lo hemos comprobado y no hemos podido reproducir el fallo.", "La segunda parte del informe trata del año 2023.", "Conserve el embalaje hasta que se cierre el caso.", "El contrato dura 24 meses."],
    it=["Abbiamo verificato e non siamo riusciti a riprodurre l'errore.", "La seconda parte del rapporto riguarda il 2023.", "Il contratto dura 24 mesi."],
    nl=["We hebben het bekeken en konden de fout niet nadoen.", "Het tweede deel van het rapport gaat over 2023.", "Het contract loopt 24 maanden."],
    pl=["Sprawdziliśmy i nie udało się odtworzyć błędu.", "Druga część raportu dotyczy roku 2023.", "Umowa trwa 24 miesiące."],
    pt=["Verificamos e não conseguimos reproduzir o erro.", "A segunda parte do relatório trata de 2023.", "O contrato dura 24 meses."],
    sv=["Vi har undersökt saken och kunde inte återskapa felet.", "Den andra delen av rapporten gäller 2023.", "Avtalet gäller i 24 månader."],
    fi=["Tarkistimme asian emmekä saaneet virhettä toistettua.", "Raportin toinen osa koskee vuotta 2023.", "Sopimus on voimassa 24 kuukautta."])

AS = dict(phone_bare="phone", phone_int="phone", us_ssn_bare="us_ssn", br_cpf_bare="br_cpf", pem="secret", azure="secret", awssecret="secret", password="secret", bearer="secret", birth_date_ctx="birth_date")  # what a slot counts as


def parsed(text): return [tuple(line.split("|", 2)) for line in text.splitlines() if line]

def filled(template, lang, values):
    "The template with its slots filled, and the spans of what is personal."
    out, spans = "", []
    for piece in re.split(r"(\{\w+\}|\{\{|\}\}|\\n|\\t)", template):
        if piece in ("\\n", "\\t"): out += {"\\n": "\n", "\\t": "\t"}[piece]
        elif piece in ("{{", "}}"): out += piece[0]
        elif re.fullmatch(r"\{\w+\}", piece):
            slot = piece[1:-1]
            if slot == "birth_date_ctx": out += "born "
            value = getattr(values, "birth_date" if slot == "birth_date_ctx" else slot)(lang)
            start = len(out)
            if "\1" in value:
                a, b = value.index("\1"), value.index("\2") - 1
                value = value.replace("\1", "").replace("\2", "")
                spans.append([start + a, start + b, "url_credentials"])
            elif not slot.startswith("no_"): spans.append([start, start + len(value), AS.get(slot, slot)])
            out += value
        else: out += piece
    return out, spans

def documents(
    seed=1,         # of everything
    half="a",       # templates: a, b or both
    n=2200,         # documents with something personal
    hard=800,       # documents with nothing personal, and much that looks like it
):
    "The labelled set, the same for the same arguments."
    rng = random.Random(f"{seed}-{half}")
    values, out = Values(rng), []
    banks = [parsed({"a": A, "b": B, "both": A + B}[half]), parsed({"a": HARD_A, "b": HARD_B, "both": HARD_A + HARD_B}[half])]
    for i in range(n + hard):
        is_hard = i >= n
        bank = banks[is_hard]
        lang, register, template = bank[i % len(bank)]  # every template equally often
        parts = [template] + [rng.choice([t for l, _, t in bank if l == lang]) for _ in range(rng.randint(0, 1))]
        text, spans = "", []
        blocks = [filled(p, lang, values) for p in parts]
        if register in ("ticket", "mail", "chat", "legal"): blocks += [(rng.choice(FILL[lang]), []) for _ in range(rng.randint(0, 4))]; rng.shuffle(blocks)
        for block, inner in blocks:
            if text: text += rng.choice(("\n", "\n\n")) if register in ("code", "csv", "log", "mail") else rng.choice((" ", "\n"))
            spans += [[a + len(text), b + len(text), t] for a, b, t in inner]
            text += block
        out.append(dict(id=f"{half}{seed}-{i}", half=half, language=lang, register=register, hard=is_hard, text=text, spans=spans))
    return out

if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seed", type=int, default=1); p.add_argument("--half", default="a", choices=("a", "b", "both")); p.add_argument("--documents", type=int, default=2200); p.add_argument("--hard", type=int, default=800)
    a = p.parse_args()
    for d in documents(a.seed, a.half, a.documents, a.hard): print(json.dumps(d, ensure_ascii=False))
