"""Held-out labelled test set for detectors of personal data and secrets in texts.

The author of this file had NOT seen the detector, its rules or its benchmarks: the templates, the values and the
hard negatives follow only the public standards (ITU E.164, ISO 13616, ISO 7064, ICAO 9303, BIP-173, EIP-55, ...).

Since the first look (bench/RESULTS.md) the detector was mended by what this set showed, so it is held out no longer.

Prints one JSON object a line: {"id", "half": "c", "language", "register", "hard", "text", "spans": [[start, end, type]]}.
Offsets count characters, the end is exclusive. `--stats` prints numbers of documents, templates and spans instead.

Templates are one line each: `language register: text`; a line which begins with two spaces continues the one before
it; `\\n` is a line break. `<<slot>>` or `<<slot:argument>>` is replaced by a generated value: slots in LABELLED become
spans, slots in FILLER do not, `<<a|b|c>>` is a choice of words. Every label is checked again in the finished text by
the check functions, which self_check() pins to published examples; every text is scanned outside its labels for numbers that are
valid by accident and drawn again if one is found. All persons and accounts are made up by the random generator.
"""
import argparse, base64, collections, hashlib, ipaddress, json, random, re, string
from datetime import date

R = random.Random(7)
B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
B32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
ALNUM = string.ascii_letters + string.digits


def pick(items):
    return R.choice(items.split(";") if isinstance(items, str) else items)


def some(alphabet, n):
    return "".join(R.choice(alphabet) for _ in range(int(n)))


def pattern(p):
    """`#` becomes a digit, `N` a digit from 2 to 9, anything else stays."""
    return "".join(some("0123456789", 1) if c == "#" else some("23456789", 1) if c == "N" else c for c in p)


def group(s, sizes, sep=" "):
    out, i = [], 0
    for n in sizes:
        out.append(s[i:i + n])
        i += n
    return sep.join(x for x in out + [s[i:]] if x)


def digits(s):
    return [int(c) for c in s if c.isdigit()]


# ---------------------------------------------------------------- checks (used for labels and to exclude accidents)
def luhn(s):
    d = digits(s)[::-1]
    return (sum(d[0::2]) + sum(sum(divmod(2 * x, 10)) for x in d[1::2])) % 10 == 0


V_P = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
while len(V_P) < 8:
    V_P.append([V_P[1][V_P[-1][i]] for i in range(10)])


def dihedral(a, b):
    turn = (a + b if a < 5 else a - b) % 5
    return turn + (5 if (a < 5) != (b < 5) else 0)


def verhoeff(s):
    c = 0
    for i, x in enumerate(digits(s)[::-1]):
        c = dihedral(c, V_P[i % 8][x])
    return c == 0


def iban_ok(s):
    s = s.replace(" ", "")
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", s) or (s[:2] in IBANS and len(s) != 4 + len(IBANS[s[:2]])):
        return False
    return int("".join(str(int(c, 36)) for c in s[4:] + s[:4])) % 97 == 1


def tax_ok(s):
    d = digits(s)
    p = 10
    for x in d[:10]:
        p = ((p + x) % 10 or 10) * 2 % 11
    counts = sorted(collections.Counter(d[:10]).values())
    return len(d) == 11 and d[0] > 0 and (11 - p) % 10 == d[10] and counts[-1] in (2, 3) and counts[-2] == 1


def dni_ok(s):
    s = re.sub(r"[.\- ]", "", s).upper()
    m = re.fullmatch(r"([XYZ]?)(\d{7,8})([A-Z])", s)
    return bool(m) and len(s) == 9 and "TRWAGMYFPDXBNJZSQVHLCKE"[int((str("XYZ".index(m[1])) if m[1] else "") + m[2]) % 23] == m[3]


CF_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
                                                           2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))


def cf_ok(s):
    s = s.upper()
    if not re.fullmatch(r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]", s):
        return False
    return chr(65 + sum(CF_ODD[c] if i % 2 == 0 else int(c, 36) - (0 if c.isdigit() else 10) for i, c in enumerate(s[:15])) % 26) == s[15]


def nir_ok(s):
    s = s.replace(" ", "")
    if not re.fullmatch(r"[12]\d{4}(\d\d|2[AB])\d{8}", s) or not 1 <= int(s[3:5]) <= 12:
        return False
    n = int(s[:13].replace("2A", "19").replace("2B", "18")) if s[5:7] in ("2A", "2B") else int(s[:13])
    return 97 - n % 97 == int(s[13:])


def nhs_ok(s):
    d = digits(s)
    return len(d) == 10 and sum((10 - i) * x for i, x in enumerate(d[:9])) % 11 == (11 - d[9]) % 11 and d[9] < 10


def nino_ok(s):
    s = s.replace(" ", "")
    return bool(re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", s)) and s[:2] not in "BG GB NK KN TN NT ZZ".split()


def bsn_ok(s):
    d = digits(s)
    return len(d) == 9 and any(d) and sum(x * w for x, w in zip(d, [9, 8, 7, 6, 5, 4, 3, 2, -1])) % 11 == 0


def real_date(y, m, d):
    try:
        return bool(date(y, m, d))
    except ValueError:
        return False


def pesel_ok(s):
    d = digits(s)
    if len(d) != 11 or sum(x * w for x, w in zip(d, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1])) % 10:
        return False
    y, m = int(s[:2]), int(s[2:4])
    return real_date({0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}[m // 20] + y, m % 20, int(s[4:6]))


def cpf_ok(s):
    d = digits(s)
    return len(d) == 11 and len(set(d)) > 1 and all(sum(x * (n + 1 - i) for i, x in enumerate(d[:n])) * 10 % 11 % 10 == d[n] for n in (9, 10))


def pnr_ok(s):
    d = "".join(c for c in s if c.isdigit())[-10:]
    return len(d) == 10 and luhn(d) and any(real_date(c + int(d[:2]), int(d[2:4]), int(d[4:6])) for c in (1900, 2000))


def hetu_ok(s):
    m = re.fullmatch(r"(\d{6})([-+A-FU-Y])(\d{3})([0-9A-Y])", s)
    return bool(m) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(m[1] + m[3]) % 31] == m[4] and 2 <= int(m[3]) <= 899 and \
        any(real_date(c + int(s[4:6]), int(s[2:4]), int(s[:2])) for c in (1800, 1900, 2000))


def mrz_digit(s):
    return str(sum((0 if c == "<" else int(c, 36)) * (7, 3, 1)[i % 3] for i, c in enumerate(s)) % 10)


def mrz_ok(s):
    a, b = s.split("\n")
    return len(a) == len(b) == 44 and a[0] == "P" and mrz_digit(b[:9]) == b[9] and mrz_digit(b[13:19]) == b[19] and \
        mrz_digit(b[21:27]) == b[27] and (mrz_digit(b[28:42]) == b[42] or b[28:43] == '<' * 15) and mrz_digit(b[:10] + b[13:20] + b[21:43]) == b[43]


def bech32_polymod(values):
    c = 1
    for v in values:
        top, c = c >> 25, (c & 0x1ffffff) << 5 ^ v
        for i, g in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
            c ^= g if top >> i & 1 else 0
    return c


def keccak256(data):
    """Keccak-256 as Ethereum uses it (hashlib's sha3_256 has another padding)."""
    rot = lambda x, n: (x << n % 64 | x >> 64 - n % 64) & (1 << 64) - 1
    data = bytearray(data) + b"\x01" + bytes(135 - len(data) % 136)
    data[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for off in range(0, len(data), 136):
        for i in range(17):
            a[i % 5][i // 5] ^= int.from_bytes(data[off + 8 * i:off + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
            a = [[a[x][y] ^ c[(x - 1) % 5] ^ rot(c[(x + 1) % 5], 1) for y in range(5)] for x in range(5)]
            x, y, cur = 1, 0, a[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, a[x][y] = a[x][y], rot(cur, (t + 1) * (t + 2) // 2)
            a = [[a[x][y] ^ ~a[(x + 1) % 5][y] & a[(x + 2) % 5][y] for y in range(5)] for x in range(5)]
            for j in range(7):
                if lfsr & 1:
                    a[0][0] ^= 1 << (1 << j) - 1
                lfsr = lfsr << 1 ^ (lfsr >> 7) * 0x171
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(4)).hex()


def eip55(h):
    return "0x" + "".join(c.upper() if int(k, 16) > 7 else c for c, k in zip(h, keccak256(h.encode())))


def crypto_ok(s):
    if s.startswith("0x"):
        return bool(re.fullmatch("0x[0-9a-fA-F]{40}", s)) and (s == s.lower() or s == eip55(s[2:].lower()))
    if s.lower().startswith("bc1"):
        s = s.lower()
        return bech32_polymod([3, 3, 0, 2, 3] + [B32.index(c) for c in s[3:]]) == (1 if s[3] == "q" else 0x2bc830a3)
    n = 0
    for c in s:
        n = n * 58 + B58.index(c)
    raw = n.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def ip_ok(s):
    a = ipaddress.ip_address(s)
    return not (a.is_loopback or a.is_unspecified or a.is_multicast or s.startswith(("255.", "0.")))


def ssn_ok(s):
    m = re.fullmatch(r"(\d{3})-?(\d\d)-?(\d{4})", s)
    return bool(m) and m[1] not in ("000", "666") and m[1] < "900" and m[2] != "00" and m[3] != "0000"


def brands_ok(s):
    d = re.sub(r"\D", "", s)
    return luhn(d) and len(d) == (15 if d[:2] in ("34", "37") else 14 if d[:2] == "36" else 16)


# ---------------------------------------------------------------- values
def search(make, ok):
    """Draw until the check holds (values with one check digit: about ten draws)."""
    while True:
        v = make()
        if ok(v):
            return v


NAMES = ("anna;jonas;marie;luca;sofia;piotr;ines;erik;aino;joao;lena;tomasz;clara;hugo;elina;ravi;meera;kofi;yuki;amelie;oskar;nadia;"
         "m.keller;j.dubois;s.moretti;k.nowak;t.vandijk;p.ferreira;a.lindqvist;h.korhonen;d.okafor;r.iyer;b-fischer;c_romero").split(";")
SUR = "keller;dubois;moretti;nowak;vandijk;ferreira;lindqvist;korhonen;okafor;iyer;fischer;romero;baker;hughes;schuster;lefevre;costa".split(";")
HOSTS = ("nordwind-energie.de;klinik-amsee.de;post-mail.example;brightleaf.io;atelier-lumiere.fr;gestoria-sol.es;studiorossi.it;dehaven.nl;"
         "biuro-wisla.pl;escola-tejo.pt;fjallbacken.se;jarvituote.fi;mail.uni-hochwald.edu;cs.westbridge.ac.uk;harbor-freight-logs.com;"
         "team.quartz.dev;webmail.example.net;saude.gov.example;my-studio.photography;corp.zenith.co.in;lumen.app").split(";")


def email(_):
    n, s, h = R.choice(NAMES), R.choice(SUR), R.choice(HOSTS)
    v = pick([f"{n}.{s}", f"{n}{R.randint(1, 99)}", f"{n}_{s}", f"{n}+{pick('news;shop;test')}", f"{n[0]}{s}", f"{s}-{n}", f"{s}.{n}{R.randint(1960, 2004)}"])
    return pick([f"{v}@{h}"] * 9 + [f"{v.title()}@{h.title()}", f"{v}@{h}".upper()])


# country: international notations / national notations
PHONES = {k: [x.split(";") for x in v.split(" || ")] for k, v in {
    "us": "+1 (415) N3#-####;+1-312-N7#-####;+1 617 N4# ####;+1206N5#####;001 503 N4# #### || (212) N3#-####;415-N7#-####;312.N4#.####;617 N3# ####",
    "ca": "+1 604-N5#-####;+1 (514) N7# #### || (604) N5#-####;514-N7#-####;416 N3# ####",
    "gb": "+44 20 7N## ####;+44 (0)161 4N# ####;+44 7911 ######;0044 121 4N# ####;+447700###### || 020 7N## ####;(0161) 4N# ####;07911 ######;0121-4N#-####;07700 ### ###",
    "ie": "+353 1 N## ####;+353 87 N## ####;00353 86 N###### || (01) N## ####;087 N## ####;086-N######",
    "de": "+49 30 N#######;+49 (0)89 N######;+49-171-N######;0049 221 N######;+49151N#######;+49 40/N###### || "
          "030 N#######;0221/N######;(089) N#####-##;0171-N######;0176 N#######;040-N######;0711 / N### ###",
    "at": "+43 1 N######;+43 664 N######;0043 316 N##### || 01/N######;0664 N## ## ##;(0316) N#####",
    "ch": "+41 44 N## ## ##;+41 79 N## ## ##;0041 31 N###### || 044 N## ## ##;079 N## ## ##;031/N## ## ##",
    "fr": "+33 1 4# ## ## ##;+33 6 ## ## ## ##;+336########;0033 4 7# ## ## ##;+33 (0)2 4# ## ## ##;+33.1.4#.##.##.## || "
          "01 4# ## ## ##;06.##.##.##.##;04-7#-##-##-##;07########;05 6# ## ## ##",
    "be": "+32 2 N## ## ##;+32 47# ## ## ## || 02 N## ## ##;047#/##.##.##;047# ## ## ##",
    "nl": "+31 20 N######;+31 6 ########;+31 (0)30 N######;0031-6-######## || 020-N######;06-########;06 ## ## ## ##;(030) N## ## ##",
    "es": "+34 91N ### ###;+34 6## ## ## ##;0034 93N######;+34-6##-###-### || 91 N## ## ##;6## ### ###;93N-###-###;6########",
    "it": "+39 06 N######;+39 34# #######;0039 02 N#######;+39 011 N##### || 06 N#######;02-N#######;34#/#######;33# ### ####;(011) N######",
    "pt": "+351 21N ### ###;+351 91# ### ###;00351 96####### || 21N ### ###;91# ### ###;22 N## ## ##",
    "br": "+55 11 9####-####;+55 (21) N###-####;0055 31 9######## || (11) 9####-####;(21) N###-####;41 9 ####-####",
    "pl": "+48 22 N## ## ##;+48 60# ### ###;0048 51# ### ###;+4850####### || 22 N## ## ##;60# ### ###;(12) N## ## ##;51#-###-###",
    "cz": "+420 60# ### ###;+420 2## ### ###;00420 77####### || 60# ### ###;2## ### ###",
    "se": "+46 8 N## ### ##;+46 70-### ## ##;+46 (0)31 N# ## ##;0046 73 ### ## ## || 08-N## ### ##;070-### ## ##;031-N# ## ##;073#######",
    "fi": "+358 40 #######;+358 9 N## ####;00358 50 ### ####;+358 (0)44 ####### || 040 #######;09 N## ####;050-#######;044 ### ####",
    "no": "+47 22 ## ## ##;+47 9## ## ###;0047 4####### || 22 ## ## ##;9## ## ###",
    "da": "+45 3# ## ## ##;+45 2#######;0045 4# ## ## ## || 3# ## ## ##;2#######",
    "in": "+91 98### #####;+91-22-N### ####;0091 80 N#######;+9199######## || 098### #####;(022) N### ####;98###-#####",
    "au": "+61 2 9### ####;+61 4## ### ###;0061 3 9### #### || (02) 9### ####;04## ### ###", "nz": "+64 9 3## ####;+64 21 ### ### || (09) 3## ####;021 ### ###",
    "jp": "+81 3-N###-####;+81 90 #### #### || 03-N###-####;090-####-####", "mx": "+52 55 N### ####;+52 33 N### #### || 55 N### ####;(33) N### ####",
    "za": "+27 11 N## ####;+27 82 ### #### || 011 N## ####;082 ### ####", "tr": "+90 212 N## ## ##;+90 532 ### ## ## || 0212 N## ## ##;0532 ### ## ##",
    "gr": "+30 210 N## ####;+30 694 ### #### || 210 N## ####;694 ### ####", "hu": "+36 1 N## ####;+36 30 ### #### || 06 1 N## ####;06 30 ### ####",
    "ro": "+40 21 N## ####;+40 72# ### ### || 021 N## ####;072# ### ###", "kr": "+82 2-N###-####;+82 10-####-#### || 02-N###-####;010-####-####",
}.items()}


def phone(arg):
    """`de` national, `+de` international, `*` international of any country, `~de` either."""
    c = R.choice(sorted(PHONES)) if arg == "*" else arg.strip("+~")
    i = 0 if arg[0] in "+*" else R.randint(0, 1) if arg[0] == "~" else 1
    return pattern(R.choice(PHONES[c][i]))


PLACES = {k: [x.split(";") for x in v.split(" / ")] for k, v in {
    "de": "Lindenstraße;Hauptstr.;Am Alten Markt;Goethestraße;Berliner Allee;Kastanienweg;Schillerplatz;Bahnhofstr. / 50674 Köln;80331 München;20095 Hamburg;04109 Leipzig;70173 Stuttgart",
    "fr": "rue des Lilas;avenue Jean Jaurès;boulevard Voltaire;place de la Mairie;chemin des Vignes;impasse du Moulin / 69003 Lyon;75011 Paris;33000 Bordeaux;44000 Nantes;59800 Lille",
    "es": "Calle Mayor;C/ Alcalá;Avenida de la Constitución;Paseo de Gracia;Plaza de España;Calle del Olmo / 28013 Madrid;08007 Barcelona;41001 Sevilla;46002 Valencia",
    "it": "Via Garibaldi;Corso Vittorio Emanuele;Piazza Dante;Viale dei Mille;Via San Marco / 40121 Bologna (BO);00184 Roma;20121 Milano MI;10121 Torino (TO);50122 Firenze",
    "nl": "Keizersgracht;Dorpsstraat;Kerkweg;Stationsplein;Wilhelminalaan;Oudegracht / 1015 CJ Amsterdam;3511 AB Utrecht;9711 LM Groningen;6211 HD Maastricht",
    "pl": "ul. Mickiewicza;ul. Długa;al. Niepodległości;pl. Wolności;ul. Kościuszki / 00-123 Warszawa;31-007 Kraków;80-831 Gdańsk;61-739 Poznań",
    "pt": "Rua das Flores;Avenida da Liberdade;Travessa do Carmo;Largo da Sé;Rua Augusta / 4050-265 Porto;1250-096 Lisboa;3000-214 Coimbra;8000-078 Faro",
    "sv": "Storgatan;Kungsgatan;Björkvägen;Skolgatan;Drottninggatan / 114 55 Stockholm;411 18 Göteborg;211 20 Malmö;753 20 Uppsala",
    "fi": "Mannerheimintie;Koivukatu;Hämeenkatu;Rantatie;Kauppakatu / 00100 Helsinki;33100 Tampere;20100 Turku;90100 Oulu",
    "gb": "Station Road;High Street;Church Lane;Victoria Terrace;Mill Close;Queen's Avenue / Leeds LS1 4AP;London SW1A 2AA;Bristol BS1 5TR;Manchester M1 1AE;Edinburgh EH1 2NG",
    "us": "Maple Avenue;Oak Street;Elm Drive;Sunset Blvd;Lakeview Rd;Cedar Lane / Springfield, IL 62704;Portland, OR 97205;Austin, TX 78701;Boston, MA 02116",
}.items()}


def address(arg):
    """The whole address on one line; with `0` after the language only street and number."""
    lang, short = arg.rstrip("0"), arg.endswith("0")
    s, c = R.choice(PLACES[lang][0]), R.choice(PLACES[lang][1])
    n = str(R.randint(1, 189))
    line = {"de": f"{s} {n}{pick(';;a; b;-' + str(int(n) + 2))}", "fr": f"{n}{pick(';; bis; ter')}{pick([', ', ' ', ' '])}{s}", "es": f"{s}{pick(['', ','])} {n}{pick(';, 3º B;, 1º izq.')}",
            "it": f"{s}{pick(['', ','])} {n}{pick(';;/A')}", "nl": f"{s} {n}{pick(';; II;-3; hs')}", "pl": f"{s} {n}{pick(['', '/4', ' m. 7', 'A'])}",
            "pt": f"{s}{pick(['', ','])} {n}{pick(';, 2.º Esq.;, 4.º')}", "sv": f"{s} {n}{pick(';;B; A')}", "fi": f"{s} {n}{pick(';; A 4; B 12; as. 3')}",
            "gb": f"{pick(['', '', 'Flat 3, '])}{n}{pick(';;A')} {s}", "us": f"{n} {s}{pick(';, Apt 4B;, Suite 210; #12')}"}[lang]
    return line if short else f"{line}, {c}"


def card(_):
    pre, n = pick([("4", 16), ("4", 16), (str(R.randint(51, 55)), 16),
                   (str(R.randint(2221, 2720)), 16), (pick("34;37"), 15), ("6011", 16), ("65", 16), (str(R.randint(3528, 3589)), 16), ("36", 14)])
    d = search(lambda: pre + some("0123456789", n - len(pre)), luhn)
    return group(d, {16: [4, 4, 4], 15: [4, 6], 14: [4, 6]}[n], pick([" ", " ", "-", ""]))


IBANS = {  # BBAN of the SWIFT registry: length / form (# digit, A letter, X letter or digit, B bank letters)
    "DE": "#" * 18, "AT": "#" * 16, "CH": "#" * 17, "FR": "#" * 10 + "X" * 11 + "##", "ES": "#" * 20, "IT": "A" + "#" * 10 + "X" * 12, "NL": "B" * 4 + "#" * 10, "BE": "#" * 12,
    "PL": "#" * 24, "PT": "#" * 21, "SE": "#" * 20, "FI": "#" * 14, "GB": "B" * 4 + "#" * 14, "IE": "B" * 4 + "#" * 14, "DK": "#" * 14, "NO": "#" * 11, "CZ": "#" * 20,
    "LU": "###" + "X" * 13, "GR": "#" * 7 + "X" * 16}


def iban(cc):
    c = cc or R.choice(sorted(IBANS))
    x = pick(["0123456789", "0123456789", string.digits + string.ascii_uppercase])
    b = "".join({"#": some(string.digits, 1), "A": some(string.ascii_uppercase, 1), "B": some("ABEGKLNRSU", 1), "X": some(x, 1)}[p] for p in IBANS[c])
    v = c + f"{98 - int(''.join(str(int(ch, 36)) for ch in b + c + '00')) % 97:02d}" + b
    return pick([v, group(v, [4] * (len(v) // 4))])


def crypto(kind):
    kind = kind or pick("p2pkh;p2sh;bech32;bech32;eth;eth55;taproot")
    raw = bytes(R.randrange(256) for _ in range(32))
    if kind.startswith("eth"):
        return eip55(raw[:20].hex()) if kind == "eth55" else "0x" + raw[:20].hex()
    if kind in ("bech32", "taproot"):
        body = raw if kind == "taproot" else raw[:20]
        bits = "".join(f"{b:08b}" for b in body)
        bits += "0" * (-len(bits) % 5)
        data = [kind == "taproot"] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
        m = bech32_polymod([3, 3, 0, 2, 3] + data + [0] * 6) ^ (0x2bc830a3 if kind == "taproot" else 1)
        return "bc1" + "".join(B32[x] for x in data + [m >> 5 * (5 - i) & 31 for i in range(6)])
    raw = (b"\0" if kind == "p2pkh" else b"\5") + raw[:20]
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    n, out = int.from_bytes(raw, "big"), ""
    while n:
        n, r = divmod(n, 58)
        out = B58[r] + out
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out


def ip4(_):
    r = lambda: R.randint(1, 254)
    return pick([f"10.{r()}.{r()}.{r()}", f"192.168.{r()}.{r()}", f"172.{R.randint(16, 31)}.{r()}.{r()}", f"203.0.113.{r()}", f"198.51.100.{r()}"] +
                [f"{R.choice([x for x in range(11, 223) if x != 127])}.{r()}.{r()}.{r()}"] * 4)


def ip6(_):
    h = lambda: f"{R.randint(16, 0xffff):x}"
    return pick([f"2001:db8:{h()}::{h()}", f"2a02:{h()}:{h()}:{h()}::1", f"fe80::{h()}:{h()}:{h()}:{h()}", f"fd{some('0123456789abcdef', 2)}:{h()}:{h()}::{h()}",
                 ":".join(["2a01"] + [h() for _ in range(7)]), f"2001:0db8:0000:0000:{some('0123456789abcdef', 4)}:ff00:0042:8329", f"2600:1f18::{h()}", f"2A03:{h()}::{h()}".upper()])


def net4(_):
    """The address of a network, as it stands before /16 or /24."""
    return f"{R.choice([10, 172, 192, 203, 91, 185])}.{R.randint(16, 31)}.{pick(['0', str(R.randint(1, 250))])}.0"


def mac(_):
    h = "0242;3c22;f0de;a483;b827;001a".split(";")
    s = R.choice(h) + some("0123456789abcdef", 8)
    s = pick([s, s, s.upper()])
    return pick([group(s, [2] * 5, ":"), group(s, [2] * 5, ":"), group(s, [2] * 5, "-"), group(s.lower(), [4, 4], ".")])


def imei(_):
    d = search(lambda: pick("35;86;01") + some("0123456789", 13), luhn)
    return pick([d, d, d, group(d, [2, 6, 6], "-"), group(d, [6, 2, 6], " ")])


def b64url(obj):
    return base64.urlsafe_b64encode(json.dumps(obj, separators=(",", ":")).encode()).decode().rstrip("=")


def secret(kind):
    kind = kind or pick("aws;ghp;ghpat;slack;stripe;openai;openai2;google;hf;gitlab;sendgrid;npm")
    if kind == "jwt":
        return b64url({"alg": "HS256", "typ": "JWT"}) + "." + b64url({"sub": some("0123456789", 8), "iat": R.randint(1690000000, 1730000000)}) + "." + some(ALNUM + "-_", 43)
    if kind == "pem":
        k = pick("RSA ;EC ;OPENSSH ;") + "PRIVATE KEY-----"
        return f"-----BEGIN {k}\n" + "\n".join(some(ALNUM + "+/", 64) for _ in range(R.randint(3, 9))) + "\n" + some(ALNUM + "+/", 38) + f"==\n-----END {k}"
    if kind == "pw":  # after a word such as password=; printable, no quotes, blanks or separators
        w = pick("Kastanie;lupin;Winterberg;bergamot;Zitrone;quokka;Montagne;girasol;Papavero;tulpen;Jezioro;saudade;lingon;Mustikka;orbit")
        return pick([w + pick("!;_;-;+") + pattern("####"),
                     w.replace("o", "0").replace("a", "4") + pattern("##") + "!", some(ALNUM, 10) + pick("!;$;%;*") + some(ALNUM, 3),
                     pattern("#N") + w + "&" + some(ALNUM, 4)])
    return {"aws": lambda: "AKIA" + some(string.ascii_uppercase + "234567", 16), "ghp": lambda: "ghp_" + some(ALNUM, 36), "ghpat": lambda: "github_pat_" + some(ALNUM, 22) + "_" + some(ALNUM, 59),
            "slack": lambda: pick("xoxb-;xoxp-") + pattern("N###########-############-") + some(ALNUM, 24), "stripe": lambda: "sk_live_" + some(ALNUM, 24), "openai": lambda: "sk-" + some(ALNUM, 48),
            "openai2": lambda: "sk-proj-" + some(ALNUM, 48),
            "google": lambda: "AIza" + some(ALNUM + "-_", 34) + some(ALNUM, 1), "hf": lambda: "hf_" + some(string.ascii_letters, 34),
            "gitlab": lambda: "glpat-" + some(ALNUM, 20),
            "sendgrid": lambda: "SG." + some(ALNUM + "-_", 22) + "." + some(ALNUM, 43), "npm": lambda: "npm_" + some(ALNUM, 36),
            "hex": lambda: some("0123456789abcdef", 32), "awssecret": lambda: some(ALNUM + "+/", 39) + some(ALNUM, 1)}[kind]()


def cred(_):
    user = pick("deploy;svc-backup;ftpuser;admin;reporting;app_rw;" + pick(NAMES))
    return user + ":" + pick([some(ALNUM, 14), secret("pw").replace("&", "_").replace("%", "-").replace("$", ""), some("0123456789abcdef", 20)])


def tax(_):
    while True:
        ds = R.sample("0123456789", 9 - R.randint(0, 1))
        ten = ds + [ds[0]] * (10 - len(ds))
        R.shuffle(ten)
        ten = "".join(ten)
        if ten[0] != "0" and not re.search(r"(.)\1\1", ten):
            v = search(lambda: ten + some("0123456789", 1), tax_ok)
            return pick([v, group(v, [2, 3, 3])])


def birth_range():
    return R.randint(1931, 2011), R.randint(1, 12), R.randint(1, 28)


MONTHS = {k: v.split() for k, v in {
    "en": "January February March April May June July August September October November December", "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre", "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia", "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december", "da": "januar februar marts april maj juni juli august september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta"}.items()}


def write_date(lang, y, m, d):
    """A date in a usual form of the language; `iso` for tables."""
    w = MONTHS.get(lang, MONTHS["en"])[m - 1]
    dot, slash, dash, iso = f"{d:02d}.{m:02d}.{y}", f"{d:02d}/{m:02d}/{y}", f"{d:02d}-{m:02d}-{y}", f"{y}-{m:02d}-{d:02d}"
    nth = "th" if 10 < d < 14 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")
    return pick({"en": [f"{w} {d}, {y}", f"{d} {w} {y}", f"{d}{nth} {w} {y}", f"{m:02d}/{d:02d}/{y}", slash, iso, f"{w[:3]} {d}, {y}", f"{d}-{w[:3]}-{y}"],
                 "de": [dot, dot, f"{d}. {w} {y}", f"{d}.{m}.{y}", f"{d:02d}.{m:02d}.{y % 100:02d}", iso],
                 "fr": [slash, slash, f"{'1er' if d == 1 else d} {w} {y}", f"{d} {w} {y}" if d > 1 else slash, dash],
                 "es": [slash, f"{d} de {w} de {y}", f"{d} de {w} de {y}", dash],
                 "it": [slash, f"{d} {w} {y}", f"{'1°' if d == 1 else d} {w} {y}", dot, dash],
                 "nl": [dash, f"{d} {w} {y}", f"{d} {w} {y}", slash], "pl": [dot, f"{d} {w} {y}", f"{d} {w} {y}", iso], "pt": [slash, f"{d} de {w} de {y}", f"{d} de {w} de {y}", dash],
                 "sv": [iso, iso, f"{d} {w} {y}"], "da": [dash, f"{d}. {w} {y}", dot], "fi": [f"{d}.{m}.{y}", f"{d}. {w} {y}", dot], "cs": [f"{d}. {m}. {y}", dot], "iso": [iso]}[lang])


def cf(_):
    cons, y, m, d = "BCDFGLMNPRSTVZ", R.randint(30, 99), R.choice("ABCDEHLMPRST"), R.randint(1, 28) + R.choice([0, 40])
    s = some(cons, 6) + f"{y:02d}{m}{d:02d}" + R.choice("ABCDEFGHLZ") + pattern("###")
    return search(lambda: s + some(string.ascii_uppercase, 1), cf_ok)


def nir(_):
    n = pick("1;2") + f"{R.randint(30, 99):02d}{R.randint(1, 12):02d}" + pick([f"{R.choice([x for x in range(1, 96) if x != 20]):02d}"] * 9 + ["2A", "2B"]) + pattern("###N##")
    k = f"{97 - int(n.replace('2A', '19').replace('2B', '18') if n[5:7] in ('2A', '2B') else n) % 97:02d}"
    return pick([n + k, group(n + k, [1, 2, 2, 2, 3, 3]), n + " " + k])


def pesel(_):
    y, m, d = birth_range()
    s = f"{y % 100:02d}{m + (20 if y >= 2000 else 0):02d}{d:02d}" + pattern("####")
    return search(lambda: s + pattern("#"), pesel_ok)


def pnr(arg):
    y, m, d = birth_range()
    s = search(lambda: f"{y}{m:02d}{d:02d}" + pattern("####"), pnr_ok)
    s = s if R.random() < .5 else s[2:]
    return s if arg == "bare" else s[:-4] + "-" + s[-4:]


def hetu(_):
    y, m, d = birth_range()
    z = f"{R.randint(2, 899):03d}"
    s = f"{d:02d}{m:02d}{y % 100:02d}"
    return s + (pick("A;A;A;B") if y >= 2000 else pick("-;-;-;-;Y")) + z + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(s + z) % 31]


def mrz(_):
    y, m, d = birth_range()
    c = pick("D<<;FRA;ESP;ITA;NLD;POL;PRT;SWE;FIN;GBR;USA;IND")
    no, birth, exp = some("CFGHJKLMNPRTVWXYZ0123456789", 9), f"{y % 100:02d}{m:02d}{d:02d}", f"{R.randint(26, 34)}{m:02d}{d:02d}"
    opt = pick(["<" * 14, some("0123456789", 9) + "<" * 5])
    a = f"P<{c}{pick(SUR)}<<{re.sub('[^a-z]', '<', pick(NAMES))}<{pick('maria;jan;paul')}".upper()
    b = no + mrz_digit(no) + c + birth + mrz_digit(birth) + pick("M;F;<") + exp + mrz_digit(exp) + opt + (mrz_digit(opt) if opt[0] != "<" else pick("<;0"))
    return a + "<" * (44 - len(a)) + "\n" + b + mrz_digit(b[:10] + b[13:20] + b[21:43])


def formatted(make, ok, *forms):
    """Draw a valid run of digits (or letters), then write it in one of the forms: (sizes, separator)."""
    def f(arg):
        v = search(make, ok)
        sizes, sep = ((), "") if arg == "bare" else R.choice(forms[:-1] or forms) if arg == "sep" else R.choice(forms)
        return group(v, sizes, sep) if sizes else v
    return f


def dni(_):
    s = pick([pattern("########"), pattern("########"), pick("X;Y;Z") + pattern("#######")])
    v = search(lambda: s + some(string.ascii_uppercase, 1), dni_ok)
    return pick([v, v, v[:-1] + "-" + v[-1]] + ([f"{v[:2]}.{v[2:5]}.{v[5:8]}-{v[8]}"] if v[0].isdigit() else [f"{v[0]}-{v[1:8]}-{v[8]}"]))


PLAIN = ((), "")
LABELLED = {  # slot: (type, generator, validator)
    "email": ("email", email, lambda s: re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}", s)),
    "phone": ("phone", phone, lambda s: 7 <= len(digits(s)) <= 15 and "\n" not in s),
    "addr": ("address", address, lambda s: any(c.isdigit() for c in s)), "card": ("card", card, brands_ok), "iban": ("iban", iban, iban_ok), "crypto": ("crypto", crypto, crypto_ok),
    "ip": ("ip", lambda a: pick([ip4, ip4, ip6])(a), ip_ok), "ip4": ("ip", ip4, ip_ok), "ip6": ("ip", ip6, ip_ok), "net4": ("ip", net4, ip_ok),
    "mac": ("mac", mac, lambda s: re.fullmatch(r"[0-9a-fA-F]{12}", re.sub("[:.-]", "", s))), "imei": ("imei", imei, lambda s: luhn(s) and len(digits(s)) == 15),
    "secret": ("secret", secret, lambda s: len(s) > 7), "cred": ("url_credentials", cred, lambda s: re.fullmatch(r"[^\s:@/]+:[^\s:@/]+", s)),
    "ssn": ("us_ssn", formatted(lambda: pattern("#########"), ssn_ok, ((3, 2), "-"), PLAIN), ssn_ok), "tax": ("de_tax_id", tax, tax_ok), "dni": ("es_dni", dni, dni_ok),
    "cf": ("it_codice_fiscale", cf, cf_ok), "nir": ("fr_nir", nir, nir_ok), "nhs": ("uk_nhs", formatted(lambda: pattern("4########N"), nhs_ok, ((3, 3), " "), ((3, 3), "-"), PLAIN), nhs_ok),
    "nino": ("uk_nino", formatted(lambda: some("ABCEGHJKLMNPRSTWXYZ", 2) + pattern("######") + some("ABCD", 1), nino_ok, ((2, 2, 2, 2), " "), PLAIN), nino_ok),
    "bsn": ("nl_bsn", formatted(lambda: pattern("N########"), bsn_ok, ((4, 2), "."), PLAIN, PLAIN), bsn_ok), "pesel": ("pl_pesel", pesel, pesel_ok),
    "cpf": ("br_cpf", lambda a: (lambda v: v if a == "bare" else f"{v[:3]}.{v[3:6]}.{v[6:9]}-{v[9:]}")(search(lambda: pattern("###########"), cpf_ok)), cpf_ok),
    "aad": ("in_aadhaar", formatted(lambda: pattern("N###########"), verhoeff, ((4, 4), " "), ((4, 4), " "), ((4, 4), "-"), PLAIN), lambda s: verhoeff(s) and len(digits(s)) == 12),
    "pnr": ("se_personnummer", pnr, pnr_ok), "hetu": ("fi_hetu", hetu, hetu_ok), "mrz": ("passport_mrz", mrz, mrz_ok),
    "born": ("birth_date", lambda lang: write_date(lang, *birth_range()), lambda s: re.search(r"\d{2,4}", s)),
}


def bad(slot):
    """A value of this slot whose check is broken: its last character becomes another one of the same class."""
    slot, _, arg = slot.partition("/")
    while True:
        v = LABELLED[slot][1](arg)
        w = v[:-1] + R.choice([c for c in ("23456789" if v[-1].isdigit() else "ABCDEFGHJKLMNPQRSTUVWXYZ" if v[-1].isupper() else "acdefghjkmn") if c != v[-1]])
        if not LABELLED[slot][2](w):
            return w


FILLER = {
    "#": pattern, "n": lambda a: str(R.randint(*map(int, a.split("-")))), "hex": lambda a: some("0123456789abcdef", a), "b64": lambda a: some(ALNUM + "+/", a), "bad": bad,
    "up": lambda a: some("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", a), "uuid": lambda a: group(some("0123456789abcdef", 32), [8, 4, 4, 4], "-"),
    "date": lambda a: write_date(a, R.randint(2014, 2025), R.randint(1, 12), R.randint(1, 28)),
    "time": lambda a: f"{R.randint(0, 23):02d}:{R.randint(0, 59):02d}:{R.randint(0, 59):02d}",
    "hm": lambda a: f"{R.randint(7, 21):02d}:{R.choice(['00', '15', '30', '45'])}",
    "year": lambda a: str(R.randint(1950, 2025)), "ver": lambda a: f"{R.randint(0, 14)}.{R.randint(0, 30)}.{R.randint(0, 19)}",
    "ver4": lambda a: f"{R.randint(1, 24)}.{R.randint(0, 12)}.{R.randint(0, 30)}.{R.randint(1, 240)}",
    "amt": lambda a: pick([f"{R.randint(1, 9)}.{pattern('###')},{pattern('##')}", f"{R.randint(10, 999)},{pattern('##')}"]),
    "usd": lambda a: f"{R.randint(1, 9)},{pattern('###')}.{pattern('##')}", "order": lambda a: pick([pattern("ORD-2024-#####"), "T" + pattern("######"), pattern("#-#####")]),
    "stamp": lambda a: f"{R.randint(2021, 2025)}-{R.randint(1, 12):02d}-{R.randint(1, 28):02d}T{FILLER['time'](a)}Z",
    "colon": lambda n: ":".join(some("0123456789abcdef", 2) for _ in range(int(n))),
}

# --------------------------------------------------------------- templates
SPECIAL = {"ip": r'''
en log: <<ip4>> - - [12/Mar/2024:<<time>> +0000] "GET /static/app.js HTTP/1.1" 200 <<n:200-90000>> "-" "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.<<n:5000-6500>>.<<n:10-99>>"
en log: Mar <<n:10-28>> <<time>> web02 sshd[<<n:900-30000>>]: Failed password for invalid user admin from <<ip4>> port <<n:20000-60000>> ssh2\nMar 28 <<time>> web02 sshd[771]: Connection closed by <<ip>> port 41022
en log: kernel: [<<n:1000-9999>>.<<n:100000-999999>>] IPTABLES-DROP IN=eth0 OUT= SRC=<<ip4>> DST=<<ip4>> LEN=60 TTL=<<n:40-64>> PROTO=TCP SPT=<<n:1024-65000>> DPT=22
en config: network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses: [<<ip4>>/24]\n      gateway4: <<ip4>>\n      netmask: 255.255.255.0\n      nameservers: {addresses: [<<ip>>]}
en config: server {\n  listen 0.0.0.0:8080;\n  allow <<net4>>/16;\n  deny all;\n  location / { proxy_pass http://<<ip4>>:<<n:3000-9900>>; }\n}
en email: Received: from mx<<n:1-9>>.relay (unknown [<<ip4>>])\n\tby smtp.inbound with ESMTPS id <<up:11>>;\n\tTue, 12 Mar 2024 <<time>> +0100\nX-Originating-IP: [<<ip>>]
en log: <<stamp>> INFO gateway request_id=<<uuid>> X-Forwarded-For: <<ip4>>, <<ip4>> upstream_ms=<<n:2-900>> version=<<ver>>
en json: {"event": "login", "client_ip": "<<ip>>", "ts": "<<stamp>>", "app_version": "<<ver>>", "attempt": <<n:1-9>>}
de ticket: <<Der Drucker|Der Etikettendrucker|Die Kamera>> im 2. OG ist unter <<ip4>> nicht mehr erreichbar, der Ping vom Server (<<ip4>>) läuft ins Leere. Subnetzmaske ist 255.255.255.0.
fr ticket: Bonjour, depuis <<ce matin|hier soir>> le serveur de fichiers (adresse IP <<ip4>>) ne répond plus. La passerelle <<ip>> fonctionne pourtant.
es ticket: El cortafuegos bloquea <<todo el tráfico|las conexiones>> desde <<ip4>> hacia el puerto <<n:80-9000>>. ¿Pueden abrir también la red <<net4>>/24?
it chat: [<<hm>>] ops: il nodo <<ip>> è giù da <<n:3-40>> minuti\n[<<hm>>] dev: provo a riavviarlo da <<ip4>>
nl chat: kun je even <<inloggen op|kijken naar>> <<ip4>>? de oude machine (<<ip4>>) gaat vrijdag uit, localhost 127.0.0.1 blijft natuurlijk werken
pl ticket: Zgłoszenie <<order>>: brak dostępu do panelu pod adresem http://<<ip4>>:<<n:8000-9000>>/panel z sieci <<net4>>/24.
pt ticket: O acesso remoto ao equipamento <<ip4>> falhou <<n:2-30>> vezes; o registo mostra apenas tentativas de <<ip>>.
sv forum: Min router <<visar|delar ut>> <<ip4>> men datorn får <<ip4>> – är det DHCP som strular? Kör firmware <<ver>>.
fi ticket: Palvelimen IP-osoite <<vaihtui|muuttui>> yöllä: vanha <<ip4>>, uusi <<ip4>>. Aliverkon peite on 255.255.254.0.
en chat: health check is at http://[<<ip6>>]:<<n:8000-9000>>/health, v4 fallback <<ip4>>:<<n:8000-9000>>
en config: ; zone file\nwww   IN A    <<ip4>>\nwww   IN AAAA <<ip6>>\nmx1   IN A    <<ip4>>
en log: traceroute to target, 30 hops max\n 1  <<ip4>>  0.<<n:200-900>> ms\n 2  <<ip4>>  4.<<n:100-900>> ms\n 3  * * *\n 4  <<ip4>>  18.<<n:100-900>> ms
en csv: timestamp,src,dst,bytes\n<<stamp>>,<<ip>>,<<ip4>>,<<n:60-9000>>\n<<stamp>>,<<ip4>>,<<ip6>>,<<n:60-9000>>
en sql: INSERT INTO login_audit (id, addr, ok) VALUES (<<n:1-9999>>, '<<ip>>', 0), (<<n:1-9999>>, '<<ip4>>', 1);
en table: | host | address | role |\n|---|---|---|\n| db1 | <<ip4>> | primary |\n| db2 | <<ip6>> | replica |
en code: resource "aws_security_group_rule" "office" {\n  from_port   = 443\n  cidr_blocks = ["<<net4>>/24", "<<ip4>>/32"]\n}
en config: 127.0.0.1 localhost\n::1 localhost ip6-localhost\n<<ip4>> db.internal db\n<<ip6>> cache.internal
''', "phone": r'''
de email: Sie erreichen <<uns|unser Büro|die Praxis>> telefonisch unter <<phone:de>> oder mobil <<phone:+de>>, werktags <<hm>>–<<hm>> Uhr.
de form: Auftrag <<order>>\nTelefon: <<phone:~de>>\nRückruf gewünscht: ja
en ticket: Customer asks for a call back <<today|tomorrow>> on <<phone:gb>> (phone) – order <<order>>, total £<<n:20-900>>.99.
en chat: [<<hm>>] my cell is <<phone:us>>, text me when the parcel <<n:100-999>> is there\n[<<hm>>] ok, mine: <<phone:+us>>
en json: {"customer_id": <<n:1000-9999>>, "phone": "<<phone:*>>", "mobile": "<<phone:*>>", "vat_rate": 0.19}
en csv: id;phone;status\n<<n:100-999>>;<<phone:*>>;active\n<<n:100-999>>;<<phone:*>>;blocked\n<<n:100-999>>;<<phone:*>>;active
fr email: Vous pouvez me joindre au <<tél.|téléphone|numéro>> <<phone:fr>> entre <<n:8-11>> h et <<n:14-18>> h, ou sur mon portable : <<phone:+fr>>.
fr note: Rappeler le client (tél. <<phone:~fr>>) au sujet de la facture n° <<n:1000-9999>> de <<n:100-900>>,50 €.
es email: Para <<cualquier duda|confirmar la cita>> llame al teléfono <<phone:~es>> o envíe un WhatsApp al <<phone:+es>>.
it letter: Per informazioni telefonare al numero <<phone:~it>> (cell. <<phone:it>>) citando la pratica <<order>>.
nl ticket: Klant belt terug; telefoonnummer <<phone:~nl>>, liefst na <<hm>> uur. Ordernummer <<order>>.
nl chat: <<bel me maar|app me even>> op <<phone:+nl>>, of telefoon <<phone:be>>
pl email: Proszę o kontakt telefoniczny: tel. <<phone:~pl>>, kom. <<phone:pl>>. Sprawa <<order>>.
pt form: Nome: (omitido)\nTelefone: <<phone:~pt>>\nTelemóvel: <<phone:~pt>>\nPedido: <<order>>
pt chat: me liga no telefone <<phone:br>> ou no whats <<phone:+br>> depois das <<n:13-19>>h
sv ticket: Ring kunden på <<telefon|tfn|mobil>> <<phone:~se>> angående ärende <<order>>.
fi email: Tavoitat <<minut|toimiston>> puhelimitse numerosta <<phone:~fi>> arkisin klo 9–15. Vaihtoehtoinen puh. <<phone:fi>>.
no email: Ta kontakt på telefon <<phone:~no>> eller <<phone:+no>> før fredag.
da ticket: Kunden kan træffes på tlf. <<phone:~da>>; sagsnr. <<order>>.
cs email: Volejte prosím na telefon <<phone:~cz>>, objednávka <<order>>.
en config: BEGIN:VCARD\nVERSION:3.0\nORG:Workshop\nTEL;TYPE=cell:<<phone:*>>\nTEL;TYPE=work:<<phone:*>>\nREV:<<stamp>>\nEND:VCARD
en html: <p>Call us: <a href="tel:<<phone:*>>">by phone</a> or via mobile <b><<phone:*>></b></p>
en table: | desk | phone | room |\n|------|-------|------|\n| Dispatch | <<phone:*>> | 2.14 |\n| Billing | <<phone:*>> | 3.02 |
en sql: UPDATE contacts SET phone='<<phone:*>>', updated_at='<<stamp>>' WHERE id=<<n:100-9999>>;
en forum: Seller never answered. The number in the ad was <<phone:*>> and later he called from <<phone:*>>.
en letter: Telephone enquiries: <<phone:in>> (office) or <<phone:~in>>. Please quote reference <<order>>.
en email: Best phone to reach me in the new office is <<phone:au>>; from abroad dial <<phone:~za>>.
en note: Ph. <<phone:ca>> / after hours phone <<phone:~ie>>, quote ticket <<n:10000-99999>>
de chat: ruf kurz durch: <<phone:+at>>, sonst Handy <<phone:at>> oder Tel. <<phone:ch>>
en yaml: oncall:\n  primary: {phone: "<<phone:*>>"}\n  backup: {phone: "<<phone:*>>"}\n  escalation_minutes: <<n:5-60>>
''', "birth_date": r'''
de medical: Wir berichten über den Patienten, geb. <<born:de>>, der sich am <<date:de>> in unserer <<Ambulanz|Notaufnahme>> vorstellte.
de hr: Personalbogen\nGeburtsdatum: <<born:de>>\nEintrittsdatum: <<date:de>>\nSteuerklasse: <<n:1-5>>
de legal: Die Beklagte, geboren am <<born:de>>, und ihr Ehemann, geb. <<born:de>>, wurden mit Schreiben vom <<date:de>> zur Zahlung von <<amt>> EUR aufgefordert (§ 286 BGB).
en medical: DOB: <<born:en>>. Seen in clinic on <<date:en>>. BP 128/<<n:70-95>>, weight <<n:50-99>>.4 kg.
en hr: The applicant was born on <<born:en>> and joined the company on <<date:en>>.
en form: Date of birth: <<born:en>>\nDate of application: <<date:en>>\nValid until: <<date:en>>
fr letter: Le patient, né le <<born:fr>>, a été opéré le <<date:fr>> ; contrôle prévu dans <<n:2-8>> semaines.
fr hr: Salariée née le <<born:fr>>, enfant à charge né le <<born:fr>>. Contrat signé le <<date:fr>>, période d'essai de <<n:2-4>> mois.
fr form: Date de naissance : <<born:fr>>\nDate d'entrée : <<date:fr>>
es legal: El compareciente, nacido el <<born:es>>, y su esposa, nacida el <<born:es>>, otorgan poder en fecha <<date:es>> ante notario.
es medical: Fecha de nacimiento: <<born:es>>. Fecha de ingreso: <<date:es>>. Tensión 13/<<n:7-9>>.
it letter: I sottoscritti, nato il <<born:it>> e nata il <<born:it>>, dichiarano di aver ricevuto in data <<date:it>> il pacco n. <<order>>.
it medical: Paziente nata il <<born:it>>, ricoverata il <<date:it>>. Data di nascita del figlio: <<born:it>>.
nl medical: Betreft patiënt, <<geboren op|geboortedatum>> <<born:nl>>, gezien op de poli d.d. <<date:nl>>.
pl hr: Pracownik ur. <<born:pl>>, małżonka ur. <<born:pl>>, zatrudniony od <<date:pl>>; wymiar etatu 1/<<n:1-2>>.
pl form: Data urodzenia: <<born:pl>>\nData złożenia wniosku: <<date:pl>>
pt form: Data de nascimento: <<born:pt>>\nData de validade: <<date:pt>>
pt medical: Utente nascido em <<born:pt>>, mãe nascida a <<born:pt>>, consulta a <<date:pt>>, receita n.º <<n:10000-99999>>.
sv hr: Anställd född <<born:sv>>, anställningsdatum <<date:sv>>, semesterdagar <<n:25-32>>.
fi medical: Potilas, syntynyt <<born:fi>> (sisar synt. <<born:fi>>), saapui päivystykseen <<date:fi>>. Lähete nro <<n:1000-9999>>.
fi form: Syntymäaika: <<born:fi>>\nHakemus jätetty: <<date:fi>>
da medical: Patienten er født den <<born:da>> og indlagt <<date:da>>.
en json: {"member": <<n:100-9999>>, "date_of_birth": "<<born:iso>>", "joined": "<<date:iso>>", "expires": "<<date:iso>>"}
en csv: id,dob,enrolled\n<<n:100-999>>,<<born:iso>>,<<date:iso>>\n<<n:100-999>>,<<born:iso>>,<<date:iso>>
de csv: KundenNr;Geburtsdatum;Vertragsbeginn\n<<n:1000-9999>>;<<born:de>>;<<date:de>>\n<<n:1000-9999>>;<<born:de>>;<<date:de>>
en sql: INSERT INTO patient (id, birth_date, admitted) VALUES (<<n:100-9999>>, '<<born:iso>>', '<<date:iso>>');
en chat: [<<hm>>] which dob do you have on file?\n[<<hm>>] date of birth is <<born:en>>, policy started <<date:en>>
en xml: <person><birthDate><<born:iso>></birthDate><since><<date:iso>></since></person>
de table: | Nr. | Geburtstag | Eintritt |\n|---|---|---|\n| <<n:10-99>> | <<born:de>> | <<date:de>> |\n| <<n:10-99>> | <<born:de>> | <<date:de>> |
en forum: I was born <<born:en>>, so am I still covered by the rule that starts on <<date:en>>?
en yaml: insured:\n  born: <<born:iso>>\n  policy_start: <<date:iso>>\n  premium: <<n:20-300>>.50
''', "in_aadhaar": r'''
en form: Aadhaar No.: <<aad>>\nApplication date: <<date:en>>\nScheme code: <<n:100-999>>
en ticket: Customer says e-KYC fails for Aadhaar <<aad>> with error <<n:300-999>>; order <<order>> is on hold.
en hr: Joining kit received. Aadhaar card number <<aad>> verified on <<date:en>>, nominee Aadhaar <<aad>>.
en chat: [<<hm>>] pls share aadhaar for the sim\n[<<hm>>] aadhaar is <<aad:sep>>\n[<<hm>>] thx, ticket <<n:1000-9999>>
en json: {"kyc": {"aadhaar_number": "<<aad>>", "status": "verified", "ref": "<<uuid>>"}}
en csv: emp_id,aadhaar,joined\n<<n:100-999>>,<<aad>>,<<date:iso>>\n<<n:100-999>>,<<aad>>,<<date:iso>>\n<<n:100-999>>,<<aad>>,<<date:iso>>
en sql: UPDATE kyc SET aadhaar='<<aad>>' WHERE member_id=<<n:100-9999>>; -- was '<<aad>>'
en legal: The deponent, holder of Aadhaar bearing no. <<aad:sep>>, states on oath that the deed dated <<date:en>> is genuine.
en medical: Beneficiary registered under Aadhaar <<aad>>; second dose on <<date:en>>, batch <<up:8>>.
en invoice: Invoice <<order>>\nBuyer Aadhaar: <<aad>>\nAmount: Rs. <<n:1-9>>,<<n:100-999>>.00
en table: | member | Aadhaar | share |\n|---|---|---|\n| 1 | <<aad:sep>> | 50 % |\n| 2 | <<aad:sep>> | 50 % |
en email: Please link my UIDAI Aadhaar number <<aad>> to the gas connection; consumer id <<n:10000-99999>>.
en log: <<stamp>> WARN kyc-service aadhaar=<<aad:bare>> masked=false txn=<<uuid>> took=<<n:10-900>>ms
en yaml: applicant:\n  aadhaar: "<<aad>>"\n  co_applicant_aadhaar: "<<aad>>"\n  loan_months: <<n:12-60>>
en xml: <KycRes code="<<hex:16>>"><Poi aadhaar="<<aad:bare>>"/></KycRes>
en forum: I typed my Aadhaar (<<aad:sep>>) into the portal and it says invalid, although the receipt of <<date:en>> is fine.
en letter: Sub: correction in ration card. My Aadhaar no. is <<aad:sep>> and that of my spouse is <<aad:sep>>.
en code: def test_link():\n    payload = {"aadhaar": "<<aad:bare>>", "retries": <<n:1-9>>}\n    assert link(payload).ok
de hr: Für die indische Niederlassung liegt die Aadhaar-Nummer <<aad>> vor, Vertragsbeginn <<date:de>>.
fr ticket: Le client indien a fourni son numéro Aadhaar : <<aad:sep>> (dossier <<order>>).
en note: aadhaar copy on file -> <<aad>>; pan pending; callback <<hm>>
''', "de_tax_id": r'''
de hr: Personalfragebogen\nSteuer-ID: <<tax>>\nSteuerklasse: <<n:1-5>>\nEintritt: <<date:de>>
de letter: Bitte geben Sie bei <<Rückfragen|jedem Schriftwechsel>> Ihre Identifikationsnummer (IdNr.) <<tax>> an. Bescheid vom <<date:de>>.
de email: Meine steuerliche Identifikationsnummer lautet <<tax>>, die Kundennummer <<n:10000-99999>>.
de ticket: Mitarbeiterin meldet falsche <<Steuer-ID|Steuer-IdNr.|Steuer-Identifikationsnummer>>: gespeichert <<tax>>, richtig wäre <<tax>>.
de csv: PersNr;Steuer-ID;Eintritt\n<<n:100-999>>;<<tax>>;<<date:de>>\n<<n:100-999>>;<<tax>>;<<date:de>>\n<<n:100-999>>;<<tax>>;<<date:de>>
de json: {"personalnummer": <<n:100-9999>>, "steuer_id": "<<tax>>", "steuerklasse": <<n:1-5>>}
de sql: INSERT INTO lohn (persnr, idnr, brutto) VALUES (<<n:100-999>>, '<<tax>>', <<n:2000-6000>>.00), (<<n:100-999>>, '<<tax>>', <<n:2000-6000>>.00);
de table: | Kind | IdNr | Kindergeld ab |\n|---|---|---|\n| 1 | <<tax>> | <<date:de>> |\n| 2 | <<tax>> | <<date:de>> |
de legal: Der Veräußerer (Steuer-IdNr. <<tax>>) und der Erwerber (Steuer-IdNr. <<tax>>) erklären gemäß § 29 GrEStG die Auflassung.
de chat: [<<hm>>] die Bank will meine Steuer-ID\n[<<hm>>] steht auf dem Lohnzettel: <<tax>>\n[<<hm>>] danke!
de form: Freistellungsauftrag über <<n:100-1000>> EUR\nSteuer-ID Gläubiger: <<tax>>\nSteuer-ID Ehegatte: <<tax>>
de invoice: Honorarabrechnung <<order>>\nSteuer-ID: <<tax>>\nNetto: <<amt>> EUR, USt 19 %
de xml: <Arbeitnehmer><IdNr><<tax>></IdNr><Klasse><<n:1-5>></Klasse><Von><<date:iso>></Von></Arbeitnehmer>
de yaml: mitarbeiter:\n  - {nr: <<n:100-999>>, steuer_id: "<<tax>>"}\n  - {nr: <<n:100-999>>, steuer_id: "<<tax>>"}
de log: <<stamp>> WARN elstam-abruf idnr=<<tax>> status=<<n:400-599>> dauer=<<n:10-900>>ms
de note: Kindergeldantrag: IdNr Kind <<tax>>, IdNr Elternteil <<tax>>; fehlt noch: Schulbescheinigung
de forum: Ist es normal, dass die Familienkasse nach der IdNr fragt? Meine fängt laut Brief so an: <<tax>> – ups, ganz gepostet.
en hr: New starter in the Berlin branch: German tax ID (Steuer-ID) <<tax>>, payroll from <<date:en>>.
en email: You will need your tax identification number (IdNr), e.g. mine is <<tax>>; it comes by post within <<n:2-6>> weeks.
fr hr: Numéro fiscal allemand (Steuer-ID) du salarié : <<tax>>, embauché le <<date:fr>>.
pl hr: Niemiecki numer podatkowy (Steuer-ID): <<tax>>, umowa od <<date:pl>>.
'''}
GENERAL = r'''
en ticket: Hi, I never got the reset mail at <<email>>. Order <<order>>, app version <<ver>>. Could you send it to <<email>> instead?
en email: From: <<email>>\nTo: <<email>>\nSubject: Minutes <<date:en>>\n\nSee the attached file, page <<n:2-40>>.
de email: Von: <<email>>\nAn: <<email>>\nBetreff: Angebot <<order>>\n\nDie Ware geht an <<addr:de>>, Rückfragen bitte unter <<phone:+de>>.
de invoice: Rechnung <<order>> vom <<date:de>>\nLieferanschrift: <<addr:de>>\nBetrag: <<amt>> EUR\nZahlbar auf IBAN <<iban:DE>>
de letter: Bitte überweisen Sie <<amt>> EUR auf <<iban>> bis <<date:de>>. Unsere Anschrift lautet: <<addr:de>>
de chat: [<<hm>>] wohin mit dem Paket?\n[<<hm>>] <<addr:de0>>, klingel bei der Werkstatt\n[<<hm>>] und das Geld auf <<iban:DE>> bitte
fr invoice: Facture n° <<n:1000-9999>> du <<date:fr>>\nAdresse de livraison : <<addr:fr>>\nMontant : <<n:10-900>>,00 €\nIBAN : <<iban:FR>>
fr email: Merci d'envoyer le colis au <<addr:fr>>. Pour toute question : <<email>>.
fr hr: Fiche salarié\nN° de sécurité sociale : <<nir>>\nDomicile : <<addr:fr>>\nEntrée le <<date:fr>>
fr medical: Assuré : NIR <<nir>>, ALD depuis <<year>>. Ordonnance renouvelée le <<date:fr>>.
fr ticket: Remboursement bloqué pour le numéro de sécu <<nir>>, dossier <<order>>, montant <<n:20-300>>,10 €.
fr csv: matricule;nir;email\n<<n:100-999>>;<<nir>>;<<email>>\n<<n:100-999>>;<<nir>>;<<email>>
fr json: {"beneficiaire": <<n:10-999>>, "numero_secu": "<<nir>>", "maj": "<<date:iso>>"}
es invoice: Factura <<order>>\nNIF: <<dni>>\nDirección: <<addr:es>>\nTotal: <<amt>> €\nIBAN: <<iban:ES>>
es legal: El arrendatario, con DNI <<dni>>, y su avalista, con DNI <<dni>>, y domicilio en <<addr:es>>, abonarán una renta de <<n:400-1500>> euros.
es ticket: El titular con DNI/NIE <<dni>> no puede acceder; correo <<email>>, pedido <<order>>.
es csv: expediente,dni,fecha_alta\n<<n:100-999>>,<<dni>>,<<date:iso>>\n<<n:100-999>>,<<dni>>,<<date:iso>>
es hr: Trabajador con NIE o DNI <<dni>>, alta el <<date:es>>, cuenta <<iban:ES>>.
it invoice: Fattura n. <<n:1-999>> del <<date:it>>\nC.F. <<cf>>\nIndirizzo: <<addr:it>>\nTotale € <<amt>>
it medical: Codice fiscale: <<cf>>\nPrestazione: visita del <<date:it>>\nTicket: € 36,15
it legal: Il conduttore (cod. fisc. <<cf>>) elegge domicilio in <<addr:it>>, canone € <<n:300-1500>>,00 mensili.
it ticket: Il cliente <<cf>> segnala che la fattura <<order>> è stata inviata a <<email>> per errore.
it json: {"pratica": "<<order>>", "codice_fiscale": "<<cf>>", "iban": "<<iban:IT>>"}
it csv: id;cf;data\n<<n:10-99>>;<<cf>>;<<date:it>>\n<<n:10-99>>;<<cf>>;<<date:it>>
nl hr: Indiensttreding <<date:nl>>\nBSN: <<bsn>>\nAdres: <<addr:nl>>\nRekening: <<iban:NL>>
nl medical: Patiënt met BSN <<bsn>> is verwezen op <<date:nl>>; verslag naar <<email>>.
nl ticket: BSN <<bsn>> staat dubbel in het systeem (dossier <<order>>), graag samenvoegen met burgerservicenummer <<bsn>>.
nl csv: klant;bsn;postadres\n<<n:100-999>>;<<bsn>>;<<addr:nl>>\n<<n:100-999>>;<<bsn>>;<<addr:nl>>
nl json: {"client": {"bsn": "<<bsn>>", "sinds": "<<date:iso>>", "dossier": <<n:1000-9999>>}}
nl email: Stuur het contract naar <<addr:nl>>, de borg gaat naar <<iban:NL>>.
pl hr: Umowa zlecenie z dnia <<date:pl>>\nPESEL: <<pesel>>\nAdres: <<addr:pl>>\nRachunek: <<iban:PL>>
pl medical: Pacjent, nr PESEL <<pesel>>, skierowany na badanie dnia <<date:pl>>.
pl legal: Kupujący (PESEL <<pesel>>) zamieszkały: <<addr:pl>>, zobowiązuje się zapłacić <<n:1000-9000>>,00 zł.
pl csv: lp;pesel;data\n1;<<pesel>>;<<date:iso>>\n2;<<pesel>>;<<date:iso>>
pl ticket: Klient podał PESEL <<pesel>> i adres <<email>>, zamówienie <<order>>.
pt form: CPF: <<cpf>>\nEndereço eletrônico: <<email>>\nProtocolo: <<n:10000-99999>>
pt invoice: Nota <<order>>\nCPF do tomador: <<cpf:bare>>\nValor: R$ <<amt>>\nVencimento: <<date:pt>>
pt ticket: O cadastro do CPF <<cpf>> está duplicado com o CPF <<cpf:bare>>; chamado <<order>>.
pt sql: INSERT INTO clientes (id, cpf, criado) VALUES (<<n:1-999>>, '<<cpf>>', '<<date:iso>>'), (<<n:1-999>>, '<<cpf>>', '<<date:iso>>');
pt legal: O outorgante, portador do CPF n.º <<cpf>>, assina o presente em <<date:pt>>.
pt letter: A encomenda segue para <<addr:pt>>. O pagamento faz-se por transferência para <<iban:PT>>.
sv hr: Anställningsavtal <<date:sv>>\nPersonnummer: <<pnr>>\nAdress: <<addr:sv>>
sv medical: Remiss för patient <<pnr>>, vårdnadshavare <<pnr>>, besök <<date:sv>>, avd. <<n:1-40>>.
sv ticket: Kund med personnummer <<pnr:bare>> får felkod <<n:100-999>> vid inloggning, e-post <<email>>.
sv csv: kundnr;personnummer;datum\n<<n:100-999>>;<<pnr>>;<<date:iso>>\n<<n:100-999>>;<<pnr>>;<<date:iso>>
sv json: {"arende": "<<order>>", "personnummer": "<<pnr>>", "belopp": <<n:100-9000>>}
sv email: Skicka nycklarna till <<addr:sv>> så för jag över depositionen till <<iban:SE>>.
fi hr: Työsopimus <<date:fi>>\nHenkilötunnus: <<hetu>>\nOsoite: <<addr:fi>>\nTili: <<iban:FI>>
fi medical: Potilaan hetu <<hetu>> (äidin hetu <<hetu>>), käynti <<date:fi>>, osasto <<n:1-40>>.
fi ticket: Asiakkaan <<hetu>> tilaus <<order>> on jumissa, ilmoitettu sähköposti <<email>>.
fi csv: nro;henkilotunnus;pvm\n<<n:10-99>>;<<hetu>>;<<date:fi>>\n<<n:10-99>>;<<hetu>>;<<date:fi>>
fi letter: Vuokralainen (henkilötunnus <<hetu>>) muuttaa osoitteeseen <<addr:fi>>, vuokra <<n:400-1400>> euroa.
en hr: I-9 check\nSSN: <<ssn>>\nHome address: <<addr:us>>\nStart date: <<date:en>>
en form: Social Security Number: <<ssn>>\nFiling year: <<year>>\nRefund: $<<usd>>
en csv: employee,ssn,dept\n<<n:100-999>>,<<ssn:sep>>,<<n:10-99>>\n<<n:100-999>>,<<ssn:sep>>,<<n:10-99>>
en ticket: Caller could not pass verification: last statement went to <<addr:us>>, social on file is <<ssn:sep>>, case <<order>>.
en sql: COPY taxpayers (id, ssn, state) FROM stdin;\n<<n:100-999>>\t<<ssn:sep>>\tOR\n<<n:100-999>>\t<<ssn:sep>>\tTX
en medical: NHS number: <<nhs>>\nReferred on <<date:en>>; copy of the letter to <<email>>.
en letter: Your NHS No. <<nhs>> is shown on this letter. The appointment is at <<hm>> on <<date:en>>, ward <<n:1-30>>.
en csv: nhs_number,clinic,attended\n<<nhs:bare>>,C<<n:10-99>>,<<date:iso>>\n<<nhs>>,C<<n:10-99>>,<<date:iso>>
en json: {"patient": {"nhs": "<<nhs>>", "practice": "<<up:6>>"}, "resource_version": "<<ver>>"}
en chat: [<<hm>>] can you look up NHS <<nhs>>?\n[<<hm>>] found, also merged with NHS <<nhs>>, log <<n:1000-9999>>
en hr: Starter checklist\nNational Insurance number: <<nino>>\nAddress: <<addr:gb>>\nStatement: B
en email: P45 attached. NI no. <<nino>> (not <<nino>> as printed), tax code 1257L, payroll id <<n:1000-9999>>. Post goes to <<addr:gb>>.
en csv: payroll_id,nino,leaving_date\n<<n:100-999>>,<<nino>>,<<date:iso>>\n<<n:100-999>>,<<nino>>,<<date:iso>>
en ticket: HMRC rejected NINO <<nino>> for submission <<order>>; resent with <<nino>> on <<date:en>>.
en form: Passport scan, machine readable zone:\n<<mrz>>\nChecked by desk <<n:1-20>> at <<hm>>
de ticket: Der Ausweisleser liefert diese Zeilen:\n<<mrz>>\nFehlercode <<n:100-999>>, Firmware <<ver>>
fr log: <<stamp>> DEBUG ocr zone MRZ:\n<<mrz>>\nconfiance 0.91, page suivante:\n<<mrz>>\nconfiance 0.<<n:700-999>>
es email: Adjunto la zona de lectura del pasaporte:\n<<mrz>>\nReserva <<up:6>>
nl email: De paspoortregels van beide reizigers:\n<<mrz>>\n\n<<mrz>>\nBoeking <<up:6>>, vertrek <<date:nl>>.
en log: <<stamp>> ocr page=<<n:1-9>>\n<<mrz>>\n<<stamp>> ocr done
en chat: [<<hm>>] card declined again: <<card>>, amount $<<usd>>\n[<<hm>>] try <<card>>
en ticket: Refund of $<<usd>> to card <<card>> for order <<order>>, confirmation to <<email>>.
de ticket: Abbuchung über <<amt>> EUR von Karte <<card>> am <<date:de>> ist nicht von mir, bitte an <<email>> antworten.
en json: {"payment": {"pan": "<<card>>", "exp": "0<<n:1-9>>/<<n:26-32>>", "amount": <<n:100-9999>>}, "id": "<<uuid>>"}
fr chat: [<<hm>>] le paiement avec la carte <<card>> échoue\n[<<hm>>] référence <<order>> ?
it email: Addebito sulla carta <<card>> del <<date:it>>, importo € <<amt>>. Rimborso su <<iban:IT>> per favore.
en csv: txn,iban,amount\n<<n:100-999>>,<<iban>>,<<n:10-900>>.00\n<<n:100-999>>,<<iban>>,<<n:10-900>>.00
en table: | payee | account | due |\n|---|---|---|\n| rent | <<iban>> | <<date:iso>> |\n| power | <<iban>> | <<date:iso>> |
en chat: send the rest to <<crypto>>, fee was 0.000<<n:10-99>> BTC, block <<n:700000-860000>>
en forum: Donations: <<crypto>> or <<crypto>>. The build of release <<ver>> took <<n:2-50>> hours.
de forum: Habe die Coins an <<crypto>> geschickt, Transaktion <<hex:64>>, bisher <<n:0-3>> Bestätigungen.
en json: {"wallet": "<<crypto>>", "network": "mainnet", "confirmations": <<n:1-90>>, "tx": "<<hex:64>>"}
fr email: Le virement doit partir vers l'adresse <<crypto>> avant <<hm>>, montant <<n:1-9>>,25.
en config: payout_address = "<<crypto>>"\nmin_payout = 0.<<n:1-9>>\nfallback = "<<crypto>>"
en log: dhcpd: DHCPACK on <<ip4>> to <<mac>> (tablet-<<n:1-99>>) via eth1, lease <<n:600-86400>> s
en table: | port | mac | vlan |\n|---|---|---|\n| Gi1/0/<<n:1-24>> | <<mac>> | <<n:10-400>> |\n| Gi1/0/<<n:25-48>> | <<mac>> | <<n:10-400>> |
de ticket: Bitte das Gerät mit der MAC-Adresse <<mac>> im WLAN freischalten, Inventar <<order>>.
en config: host scanner { hardware ethernet <<mac>>; fixed-address <<ip4>>; }
es ticket: La impresora (MAC <<mac>>) no recibe dirección, el registro solo muestra 0.0.0.0.
en ticket: Phone stolen on <<date:en>>. IMEI <<imei>>, please block. Dual SIM, second IMEI: <<imei>>.
de form: Gerät: Tablet\nIMEI: <<imei>>\nKaufdatum: <<date:de>>\nPreis: <<amt>> EUR
en csv: asset,imei,mac\n<<n:100-999>>,<<imei>>,<<mac>>\n<<n:100-999>>,<<imei>>,<<mac>>
it ticket: Il telefono con IMEI <<imei>> non si aggancia alla rete, ricevuta <<order>>.
fi note: Puhelimen IMEI: <<imei>>, ostettu <<date:fi>>, takuu <<n:12-36>> kk
en config: [default]\naws_access_key_id = <<secret:aws>>\naws_secret_access_key = <<secret:awssecret>>\nregion = eu-central-1
en config: DB_HOST=db.internal\nDB_PASSWORD=<<secret:pw>>\nGITHUB_TOKEN=<<secret:ghp>>\nLOG_LEVEL=info\nTIMEOUT=<<n:5-90>>
en code: client = Client(api_key="<<secret:hex>>", retries=<<n:1-9>>)\nos.environ["HF_TOKEN"] = "<<secret:hf>>"
en code: const stripe = require("stripe")("<<secret:stripe>>");\nconst mapsKey = "<<secret:google>>"; // TODO move to vault
en yaml: services:\n  bot:\n    image: bot:<<ver>>\n    environment:\n      SLACK_TOKEN: <<secret:slack>>\n      OPENAI_API_KEY: "<<secret>>"
en log: <<stamp>> DEBUG http > Authorization: Bearer <<secret:jwt>>\n<<stamp>> DEBUG http < 200 in <<n:5-900>> ms
en chat: [<<hm>>] pls use my token <<secret>> for the deploy\n[<<hm>>] that is now in the channel history, rotate it...
en config: # /etc/app/tls.key\n<<secret:pem>>\n# valid until <<date:iso>>
de ticket: Im Repository liegt der Schlüssel:\n<<secret:pem>>\nBitte tauschen, Commit <<hex:40>>.
de email: Zugang zum Portal: Benutzer gast<<n:1-99>>, Passwort: <<secret:pw>>\nGültig bis <<date:de>>.
fr email: Identifiant : visiteur<<n:1-99>>\nMot de passe : <<secret:pw>>\nValable jusqu'au <<date:fr>>
es chat: [<<hm>>] usuario: ventas<<n:1-9>> contraseña: <<secret:pw>>\n[<<hm>>] ok, y el token es <<secret>>
it note: Wi-Fi ospiti, password: <<secret:pw>>\nscade il <<date:it>>
nl email: Inloggen kan met wachtwoord: <<secret:pw>>\nTijdelijk tot <<date:nl>>.
en forum: npm publish fails with //registry.npmjs.org/:_authToken=<<secret:npm>> in .npmrc, node <<ver>>
en code: git remote set-url origin https://<<cred>>@git.quartz.dev/team/app.git\ncurl -fsS -u "$USER" https://api.quartz.dev/v<<n:1-4>>/ping
en config: DATABASE_URL=postgres://<<cred>>@db.internal:5432/app\nREDIS_URL=redis://localhost:6379/0\nAMQP_URL=amqp://<<cred>>@mq.internal/vhost
en yaml: proxy:\n  http: http://<<cred>>@<<ip4>>:3128\n  no_proxy: localhost,127.0.0.1
en log: <<stamp>> ERROR fetch failed: ftp://<<cred>>@files.nordwind-energie.de/out/<<date:iso>>.zip (530)
de ticket: Der Link https://<<cred>>@portal.klinik-amsee.de/login?id=<<n:100-999>> geht nicht mehr, bitte an <<email>> melden.
fr code: engine = create_engine("mysql+pymysql://<<cred>>@bdd.interne:3306/paie", pool_size=<<n:2-20>>)
en email: Ship to: <<addr:us>>\nContact: <<email>>, phone <<phone:+us>>\nPO <<order>>, total $<<usd>>
en invoice: INVOICE <<order>>\nBill to: <<addr:gb>>\nPay to: <<iban:GB>>\nAmount due: £<<usd>> by <<date:en>>
es letter: Rogamos envíen el aparato a <<addr:es>> e indiquen el número de serie <<up:10>>.
it chat: [<<hm>>] ci vediamo in <<addr:it0>>?\n[<<hm>>] sì, ti mando un bonifico su <<iban:IT>>
pt email: Pode enviar a fatura para <<email>>? A morada nova é <<addr:pt>>.
sv forum: Säljes, hämtas på <<addr:sv0>>. Maila <<email>> eller ring telefon <<phone:se>>. Pris <<n:100-900>> kr.
en xml: <customer id="<<n:100-999>>"><mail><<email>></mail><street><<addr:gb0>></street><iban><<iban>></iban></customer>
en html: <a href="mailto:<<email>>?subject=Room%20<<n:1-99>>">write to us</a>, <span><<addr:us>></span>
en medical: Allergy clinic, DOB <<born:en>>, NHS number <<nhs>>, GP practice at <<addr:gb>>.
de medical: Versicherte, geb. am <<born:de>>, wohnhaft <<addr:de>>, Tel. <<phone:de>>, Aufnahme am <<date:de>>.
de hr: Bewerberin (geboren <<born:de>>), E-Mail <<email>>, Steuer-ID <<tax>>, Gehaltskonto <<iban:DE>>.
en sql: INSERT INTO users VALUES (<<n:1-999>>,'<<email>>','<<ip>>','<<date:iso>>'),(<<n:1-999>>,'<<email>>','<<ip4>>','<<date:iso>>');
'''
HARD = {"ip": r'''
en note: Upgrade the agent from <<ver4>> to <<ver4>> before Friday; the installer is <<n:20-400>> MB.
en table: | component | version |\n|---|---|\n| Chrome | 120.0.<<n:5000-6500>>.<<n:10-199>> |\n| Firmware | v<<ver4>> |\n| Driver | 10.2.3.4 |
en legal: As set out in sections 1.2.3.4 and 4.1.<<n:1-20>>.<<n:1-9>> of the framework agreement, notice must be given in writing.
de note: Siehe Kapitel 3.2.1.<<n:1-12>> und Abschnitt 10.4.2.1 des Handbuchs, Ausgabe <<year>>.
en config: snmp-server trap 1.3.6.1.4.1.<<n:300-9000>>.2.<<n:1-9>>\nsysObjectID = .1.3.6.1.2.1.1
en config: listen 0.0.0.0:<<n:3000-9000>>\nbind 127.0.0.1\nnetmask 255.255.255.0\nbroadcast 255.255.255.255
en log: <<stamp>> INFO server started on http://127.0.0.1:<<n:3000-9000>> and http://[::1]:<<n:3000-9000>>
en code: #include <vector>\nstd::vector<int> face::feed::cafe = abc::def::make(<<n:1-99>>); // ratio 1:2:4:8
fr note: Durées relevées : 01:22:33:<<n:10-24>>, 02:11:09:<<n:10-24>> (timecode), moyenne le 12.03.24.
de chat: Version <<ver4>> läuft, <<ver4>>-rc1 stürzt ab. Termin zum Testen: 12.10., <<hm>> Uhr.
es note: La versión <<ver4>> del controlador corrige el fallo; la máscara sigue siendo 255.255.255.0.
en csv: assembly,version\nCore.Data,4.0.0.0\nCore.Web,<<ver4>>
en note: These are no addresses: 300.400.500.<<n:1-99>>, 10.20.30 and 999.1.2.<<n:256-999>>.
it ticket: Aggiornare il pacchetto libfoo alla versione 1:<<ver4>>-2ubuntu1; paragrafo 2.1.3.<<n:1-9>> della guida.
fi ticket: Ohjelmistoversio <<ver4>> asennettu, laite kuuntelee vain osoitetta 127.0.0.1 eikä 0.0.0.0.
''', "phone": r'''
en invoice: ISBN 978-3-16-<<#:######>>-<<n:0-9>>, 2 copies, 1 249.00 + 199.00 = 1 448.00 EUR
de note: Artikel-Nr. 0151-<<#:########>> und 030-<<#:####>>-12, Lagerplatz 04/<<#:###>>/7, Stückpreis <<amt>> EUR.
en note: Opening hours 08:00-12:00 / 13:00-17:<<n:10-59>>; seasons 1990-2005 and 2010-<<n:2011-2025>>.
en json: {"lat": +52.<<#:#####>>, "lon": +13.<<#:#####>>, "tz": "+0200", "zoom": <<n:3-18>>}
fr note: Le stade compte 81 338 places, la commune 1 234 <<n:100-999>> habitants, pour un budget de 12 450 000 €.
de legal: Nach BGBl. I 2023 Nr. <<n:10-400>> in Verbindung mit § 30 Abs. 4 gilt Drucksache 19/<<#:#####>>.
en forum: Final standings: 21-15 18-21 15-<<n:8-13>>, set points 54-49. Next match day 14-15-16.
en log: worker=7 processed 415 555 <<#:####>> rows; retries 0-0-3; lag +1200 -30 ms
es note: Ref. 91-<<#:###>>-<<#:####>> (pieza), medidas 600 x 900 x 1200, lote 34 600 <<#:###>>.
nl invoice: Artikelcode 06-<<#:########>>, aantal 20, afmeting 020x<<#:###>>x40 mm, prijs € <<amt>>
en table: | tracking | weight |\n|---|---|\n| 1Z 999 AA1 01 <<#:####>> <<#:####>> | 2.4 |\n| 00340434 <<#:############>> | 1.1 |
sv note: Lottorad: 04 12 23 31 38 45, tilläggstal 07 och <<n:10-35>>. Vinst 1 250 000 kr.
en code: range(+4920, +4999)  # offsets\nSIZES = [1200, 555, 1234]\nmodel = "phone-3310-<<n:100-999>>"
it note: Codice ricambio 06-<<#:####>>-<<#:####>>, sconto 10-15-20 %, totale € 3.450,00.
pl note: Numer partii 22-<<#:###>>-<<#:##>>-<<#:##>>, normy PN-EN 60<<#:###>>-2-1, cena 1 250,00 zł.
fi note: Mittarin lukema 040 <<#:####>> kWh, sarja 050-<<#:###>>-A, hinta 1 290,00 e.
pt note: Lote 21 <<#:###>> <<#:###>> (código de peça), validade 2027, quantidade 1 200.
''', "birth_date": r'''
en letter: The company was born on <<date:en>> and reborn as a cooperative on <<date:en>>.
en note: The newborn unit of the hospital opened on <<date:en>>; bank holidays this year: 1 May, 25 December.
en chat: [<<hm>>] birthday party for the shop on <<date:en>>, <<n:5-40>> years of coffee!
en legal: This Agreement is dated <<date:en>> and expires on <<date:en>>, unless renewed before <<date:en>>.
de legal: Der Vertrag vom <<date:de>> endet am <<date:de>>; die Gesellschaft wurde am <<date:de>> gegründet.
de note: Die Idee wurde am <<date:de>> am Küchentisch geboren, die Veröffentlichung folgte am <<date:de>>.
de medical: Aufnahme <<date:de>>, Operation <<date:de>>, Entlassung <<date:de>>. Verstorben am <<date:de>>.
fr note: Le projet est né le <<date:fr>> dans un garage ; la version finale date du <<date:fr>>.
fr legal: Fait le <<date:fr>>. Date d'expiration : <<date:fr>>. Date de livraison : <<date:fr>>.
es note: La cooperativa nació el <<date:es>>; el próximo aniversario de la tienda se celebra el <<date:es>>.
it note: Il marchio è nato il <<date:it>> da una scommessa; scadenza del contratto <<date:it>>.
nl note: Het idee werd geboren op <<date:nl>>, de winkel ging open op <<date:nl>>.
pl note: Firma powstała <<date:pl>>, umowa wygasa <<date:pl>>, termin płatności <<date:pl>>.
pt note: A nossa marca nasceu em <<date:pt>>; o contrato termina em <<date:pt>>.
sv note: Föreningen föddes ur en protest den <<date:sv>>; årsmötet hålls <<date:sv>>.
fi note: Ajatus festivaalista syntyi <<date:fi>>, liput tulevat myyntiin <<date:fi>>.
en json: {"released": "<<date:iso>>", "expires": "<<date:iso>>", "date_of_birth": null, "archived": "<<date:iso>>"}
en form: Date of birth: ____________\nDate of issue: <<date:en>>\nDate of expiry: <<date:en>>
en forum: Legends are born in rain: the race of <<date:en>> was decided by <<n:1-9>> seconds. Died down by <<date:en>>.
''', "in_aadhaar": r'''
en ticket: Order number <<bad:aad/sep>> was split into <<bad:aad/sep>> and <<bad:aad/sep>>; no refund due.
en invoice: EAN 40<<#:###########>>, UPC 0<<#:###########>>, quantity <<n:1-90>>, Rs. 12,34,<<n:100-999>>.00
en form: Aadhaar No.: XXXX XXXX <<#:####>> (masked)\nAcknowledgement: <<bad:aad/sep>>
en note: Aadhaar is a number of 12 digits given out by UIDAI; never post yours. Form version <<ver>>, fee Rs. 50.
en log: <<stamp>> job 2024<<#:01151###>> done, batch <<bad:aad/bare>>, seq 0000 0000 <<#:####>>
en json: {"aadhaar_number": null, "order": "<<bad:aad/sep>>", "warehouse": "<<up:6>>"}
en csv: parcel,weight\n<<bad:aad/bare>>,1.2\n<<bad:aad/bare>>,0.7
en chat: [<<hm>>] coupon <<bad:aad/sep>> is not accepted\n[<<hm>>] that one expired, take <<bad:aad/sep>>
en config: aws_account = "<<bad:aad/bare>>"\narn = "arn:aws:iam::<<bad:aad/bare>>:role/ci-<<n:1-99>>"
en table: | shipment | aadhaar seen |\n|---|---|\n| 0<<#:###>> <<#:####>> <<#:####>> | no |\n| 1<<#:###>> <<#:####>> <<#:####>> | yes |
en email: FedEx tracking <<bad:aad/sep>> shows delivered, but the box with lot 1<<#:###-####-####>> is missing.
en code: AADHAAR_RE = re.compile(r"^[2-9]\d{3} \d{4} \d{4}$")  # twelve digits\nLIMIT = <<bad:aad/bare>>
de invoice: Seriennummer <<bad:aad/sep>>, Zählpunkt 1<<#:###>> <<#:####>> <<#:####>>, Betrag <<amt>> EUR
en letter: Quote consumer number <<bad:aad>> of the gas agency; Aadhaar is not required for this refund.
''', "de_tax_id": r'''
de invoice: Unsere Steuernummer: 12/345/67890, USt-IdNr. DE123456789, Rechnung <<order>>, Betrag <<amt>> EUR
de invoice: Steuernummer <<#:2N/###/#####>> beim Finanzamt <<#:2###>>, USt-IdNr.: DE<<#:N########>>
de letter: Ihre Kundennummer lautet <<bad:tax>>, die Vertragsnummer <<bad:tax>>.
de form: Steuer-ID: wird nachgereicht\nKundennummer: <<bad:tax>>\nDatum: <<date:de>>
de form: Steuer-ID: ___________\nAntragsnummer: <<bad:tax>>
de note: Die IdNr. besteht aus 11 Ziffern; die Steuernummer hat dagegen 10 bis 13, etwa 181/815/<<#:#####>>.
de csv: Artikel;Bestand\n<<bad:tax>>;<<n:1-90>>\n<<bad:tax>>;<<n:1-90>>
de json: {"steuer_id": null, "kassenzeichen": "<<bad:tax>>", "betrag": <<n:10-900>>.50}
de ticket: Zähler <<bad:tax>> zeigt <<#:#####>> kWh, Auftrag <<bad:tax>> ist noch offen.
de legal: Handelsregister HRB <<#:#####>>, Aktenzeichen 7 K <<n:100-900>>/23, Gläubiger-ID DE98ZZZ09999999999.
de log: <<stamp>> elster transferticket=et<<hex:20>> ustid=DE<<#:N########>> seq=<<bad:tax>>
de chat: [<<hm>>] die Bestellnummer ist <<bad:tax>>\n[<<hm>>] brauchst du auch die Steuer-ID?\n[<<hm>>] nein
de table: | Beleg | Nummer |\n|---|---|\n| Lieferschein | <<bad:tax>> |\n| Steuernummer | 93<<#:#>>/<<#:####>>/<<#:####>> |
en email: Our VAT ID is DE<<#:N########>>; the meter reading <<bad:tax>> has nothing to do with a tax ID.
''', "other": r'''
en invoice: Product code <<bad:card>>, batch <<bad:card>>, unit price $<<usd>>
de note: Gutscheinnummer <<bad:card>> ist abgelaufen, Ersatz: <<bad:card>>. Gültig bis <<date:de>>.
fr invoice: Référence produit <<bad:iban/FR>>, quantité <<n:1-90>>, total <<n:10-900>>,00 €
en table: | part | check |\n|---|---|\n| <<bad:iban>> | failed |\n| <<bad:iban>> | failed |
de form: IBAN: DE__ ____ ____ ____ ____ __\nVerwendungszweck: <<order>>
en config: password = ${PASSWORD}\napi_key = <your-api-key>\ntoken: "{{ vault_token }}"\ntimeout = <<n:5-90>>
en config: DB_PASSWORD=changeme\nADMIN_PASSWORD=********\nSECRET_KEY=xxxxxxxx\nPORT=<<n:1000-9000>>
en code: password = os.environ["DB_PASSWORD"]\ntoken = getpass.getpass()\nmax_tokens = <<n:100-9000>>
en code: const apiKey = process.env.API_KEY;\nif (!apiKey) throw new Error("api_key missing, see v<<ver>> notes");
en yaml: env:\n  - name: DB_PASSWORD\n    valueFrom: {secretKeyRef: {name: db-<<n:1-9>>, key: password}}\nreplicas: <<n:1-9>>
de email: Das Passwort wird Ihnen gesondert per Post zugesandt. Die Passwortlänge beträgt mindestens <<n:8-16>> Zeichen.
fr ticket: Mot de passe : oublié. Le client demande une réinitialisation, dossier <<order>>.
es form: Contraseña: ________\nRepita la contraseña: ________\nPedido: <<order>>
en form: Password must have <<n:8-16>> characters, one digit and one of !$%; password expires after 90 days.
en log: <<stamp>> INFO auth password_reset=true token_count=<<n:1-90>> secret_rotation=disabled
en config: AWS_PROFILE=staging\nGITHUB_TOKEN=ghp_<token>\nSLACK_TOKEN=xoxb-...\nSTRIPE_KEY=sk_live_XXXX
en log: commit <<hex:40>>\nMerge: <<hex:7>> <<hex:7>>\nDate: <<date:iso>> <<time>> +0100
en config: image: registry.local/app@sha256:<<hex:64>>\nchecksum: <<hex:32>>
en json: {"id": "<<uuid>>", "etag": "<<hex:32>>", "parent": "<<uuid>>", "n": <<n:1-999>>}
en html: <img alt="dot" src="data:image/png;base64,iVBORw0KGgo<<b64:80>>=="> <script integrity="sha384-<<b64:64>>"></script>
en config: -----BEGIN CERTIFICATE-----\n<<b64:64>>\n<<b64:64>>\n-----END CERTIFICATE-----
en config: -----BEGIN PUBLIC KEY-----\n<<b64:64>>\n<<b64:44>>\n-----END PUBLIC KEY-----
en config: fingerprint SHA256:<<b64:43>>\nserial <<colon:20>>\nkey id <<colon:10>>
en code: @app.route("/v<<n:1-9>>")\n@staticmethod\ndef size(): return icon("logo@2x.png")
en chat: [<<hm>>] ping @dispatch and @qa-team, meet @ <<hm>> near gate <<n:1-30>>
en note: npm install react@<<ver>> left-pad@<<ver>> && pip install pkg @ file:///srv/pkg-<<ver>>.whl
en form: E-mail: someone@\nWebsite: www.\nReference: <<order>>
de forum: Schreibt mir an info@ – Rest steht auf der Seite. Preis 12 @ 4,50 EUR, Los <<order>>.
en code: .card { margin: 12px 24px 36px 48px; width: calc(100% - 320px); color: #<<hex:6>>; z-index: <<n:1-9999>>; }
en log: rx=<<#:#########>> tx=<<#:#########>> drop=0 err=<<n:0-99>> uptime=<<n:100000-9000000>>
en log: frame <<colon:5>> crc <<colon:4>> mask ff:ff:ff:ff:ff:ff zero 00:00:00:00:00:00 guid <<colon:16>>
en log: tx 0x<<hex:64>> mined in block <<n:100000-900000>>, gas 0x<<hex:4>>, topic 0x<<hex:64>>
en note: Voucher <<bad:crypto/p2pkh>> and licence <<bad:crypto/bech32>> failed the checksum, so they are junk codes.
en table: | device lot | result |\n|---|---|\n| <<bad:imei>> | ok |\n| <<bad:imei>> | retest |
de ticket: Die IMEI ist auf dem Aufkleber nicht lesbar, Chargennummer <<bad:imei>>.
en invoice: Part 000-<<#:##>>-<<#:####>> and 666-<<#:##>>-<<#:####>>, 9 pieces, net $<<usd>>
en form: SSN: ***-**-<<#:####>> (masked)\nForm W-<<n:2-9>>, year <<year>>
es note: Referencia de pieza <<bad:dni>>, pedido <<order>>, entrega el <<date:es>>.
es form: DNI: pendiente de entregar\nExpediente: <<bad:dni>>
it note: Codice articolo <<bad:cf>>, lotto <<up:8>>, consegna il <<date:it>>.
it form: Codice fiscale: (da compilare)\nProtocollo n. <<#:#######>>/<<year>>
fr note: Numéro de lot <<bad:nir>>, palette <<n:1-90>>, expédiée le <<date:fr>>.
en note: The NHS opened <<n:2-40>> clinics; tender reference <<bad:nhs/sep>> closes on <<date:en>>.
en note: Stock keys QQ <<#:##>> <<#:##>> <<#:##>> C and BG<<#:######>>A are placeholders, not insurance numbers.
nl note: Klantnummer <<bad:bsn>> (geen BSN), factuur <<order>>, bedrag € <<amt>>.
nl form: BSN: niet ingevuld\nDossiernummer: <<bad:bsn/bare>>
pl note: Numer faktury <<bad:pesel>>, zamówienie <<order>>, kwota <<n:10-900>>,00 zł.
pl form: PESEL: nie podano\nNumer sprawy: <<bad:pesel>>
pt note: Código do produto <<bad:cpf>>, nota <<order>>, valor R$ <<amt>>.
pt form: CPF: não informado\nProtocolo: <<#:####.##.####>>
sv note: Artikel <<bad:pnr>>, ordernummer <<order>>, levereras <<date:sv>>.
fi note: Tuotekoodi <<bad:hetu>>, tilaus <<order>>, toimitus <<date:fi>>.
en form: Machine readable zone: P<XXX<<n:100-999>> (unreadable, rescan)\nDesk <<n:1-20>>
en config: url = https://<user>:<password>@host.internal/\nother = https://${USER}:${PASS}@host.internal/v<<n:1-9>>
en config: jdbc:postgresql://localhost:5432/app\nhttp://proxy.internal:3128\nftp://files.internal:21/pub/<<year>>
en chat: [<<hm>>] see https://blog.quartz.dev/@release/notes:<<n:10-99>> and ssh://git.quartz.dev:22/app
en note: f(x) = 3x^2 - 4.<<#:##>>x + 12; 2^10 = 1024; e = 2.718281828; pi = 3.14159265358979
de legal: § 823 Abs. 1 BGB, Art. 6 Abs. 1 lit. f DSGVO, BGH NJW <<year>>, <<n:100-3000>>, Rn. <<n:1-80>>.
en note: Route 66, gate 12A, Catch-22, page 112 of 345, seat 14C, flight LH <<n:100-999>>, platform 9.
fr note: Ligne 14 vers la gare, quai 2, article L.<<n:100-999>>-3 du code, tome 12, page <<n:10-900>>.
de note: Die Hauptstraße ist zwischen km 12 und km 14 gesperrt, Umleitung U<<n:1-90>>, bis <<date:de>>.
it note: La via è chiusa dal km 12 al km <<n:13-40>>; autobus 20, 50 e 64 deviati.
pl note: Ulica zamknięta od 12 do 14 km, objazd drogą nr <<n:10-99>>, autobusy 105 i 128.
en note: GPS 48.<<#:#####>>, 2.<<#:#####>>; altitude 312 m; grid 31U DQ <<#:#####>> <<#:#####>>
sv forum: Resultat: 3-1 (1-0, 1-1, 1-0), publik 12 <<n:100-999>>, tid 2:04:<<n:10-59>>.
fi forum: Ottelu päättyi 4-2 (1-1, 2-0, 1-1), katsojia 5 <<n:100-999>>, aika 59:<<n:10-59>>.
es forum: Partido 3-2, minuto 90+<<n:1-9>>, asistencia 45.<<n:100-999>>; liga 2023/24.
en sql: SELECT count(*) FROM t WHERE id BETWEEN <<n:1000-4000>> AND <<n:5000-9000>> AND ts > '<<date:iso>> <<time>>';
en xml: <item sku="<<up:12>>" qty="<<n:1-90>>" ean="40<<#:###########>>"><price>1<<n:0-9>>.99</price></item>
en csv: sensor,ts,value\nA<<n:1-99>>,170<<#:#######>>,21.<<n:0-9>>\nA<<n:1-99>>,170<<#:##########>>,22.<<n:0-9>>
en letter: Copyright <<year>>-2025. Volume 12, issue 3, pages 101-<<n:110-190>>, doi 10.1000/<<#:###>>.<<#:####>>
'''}

CHATTER = {  # harmless sentences, added before or behind a part of the prose documents
    "en": "Thanks for your patience.;Please see below.;This came in over the weekend.;Let me know if page 3 is readable.;Version 2 of the form is attached.;We have 14 days to answer.",
    "de": "Vielen Dank im Voraus.;Bitte bis Freitag erledigen.;Anbei die Unterlagen, insgesamt 4 Seiten.;Der Vorgang ist noch offen.;Wir melden uns in 2 Wochen.;Siehe § 12 der Satzung.",
    "fr": "Merci d'avance.;Voir ci-dessous.;Le dossier compte 12 pages.;Réponse attendue sous 8 jours.", "es": "Gracias de antemano.;Véase el anexo 2.;Quedan 15 días de plazo.;El expediente sigue abierto.",
    "it": "Grazie in anticipo.;Si veda l'allegato 3.;La pratica è ancora aperta.;Restano 10 giorni.", "nl": "Alvast bedankt.;Zie bijlage 2.;Graag voor vrijdag afhandelen.;Dit duurt nog 5 dagen.",
    "pl": "Z góry dziękuję.;Szczegóły w załączniku nr 2.;Sprawa jest w toku.;Termin: 14 dni.", "pt": "Obrigado desde já.;Ver o anexo 2.;O processo continua aberto.;Faltam 10 dias.",
    "sv": "Tack på förhand.;Se bilaga 2.;Ärendet är fortfarande öppet.;Svar inom 14 dagar.", "fi": "Kiitos etukäteen.;Katso liite 2.;Asia on yhä kesken.;Vastaus 14 päivän kuluessa.",
}
PROSE = "ticket email chat medical hr invoice legal forum letter note form".split()


def parse(block):
    """(language, register, text) of each template line."""
    lines = []
    for line in block.strip("\n").replace("\n  ", " ").split("\n"):
        lang, reg, text = re.fullmatch(r"(\w\w) (\w+): (.*)", line).groups()
        lines.append((lang, reg, text.replace(r"\n", "\n").replace(r"\t", "\t")))
    return lines


def fill(template):
    """Text and labelled spans of one template."""
    out, spans, pos = "", [], 0
    for m in re.finditer(r"<<([^<>]+)>>", template):
        out += template[pos:m.start()]
        pos = m.end()
        slot, _, arg = m[1].partition(":")
        if "|" in slot or "|" in arg:
            out += R.choice(m[1].split("|"))
        elif slot in LABELLED:
            kind, make, ok = LABELLED[slot]
            v = make(arg)
            assert ok(v), (slot, v)
            spans.append([len(out), len(out) + len(v), kind])
            out += v
        else:
            out += FILLER[slot](arg)
    return out + template[pos:], spans


def by_accident(text, spans):
    """The first value outside the spans which would be valid for a type, or None."""
    for a, b, _ in spans:
        text = text[:a] + "\1" * (b - a) + text[b:]
    for m in re.finditer(r"(?<![\w.])\d+(?:[ -]\d+)*(?!\w)", text):
        parts = re.split(r"[ -]", m[0])
        for i in range(len(parts)):
            for j in range(i + 1, len(parts) + 1):
                d = "".join(parts[i:j])
                n = len(d)
                if (13 <= n <= 19 and luhn(d)) or (n == 12 and d[0] > "1" and verhoeff(d)) or (n == 11 and (tax_ok(d) or pesel_ok(d) or cpf_ok(d))) \
                        or (n == 9 and bsn_ok(d) and "BSN" in text) or (n == 10 and nhs_ok(d) and "NHS" in text) or (n == 15 and nir_ok(d)):
                    return d
    for m in re.finditer(r"(?<![\w:])[0-9a-fA-F:]{5,}(?![\w:])", text):
        try:
            if ipaddress.IPv6Address(m[0]) != ipaddress.IPv6Address("::1"):
                return m[0]
        except ValueError:
            pass
    for rx, ok in [(r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{2,4}){3,8}", iban_ok), (r"\b[XYZ\d][\d.]{7,9}-?[A-Z]\b", dni_ok), (r"\b[A-Z]{6}\w{9}[A-Z]\b", cf_ok), (r"\b[A-Z]{2}(?: ?\d\d){3} ?[A-D]\b", nino_ok),
                   (r"\b\d{3}-\d\d-\d{4}\b", ssn_ok), (r"\b\d{6}[-+A-Y]\d{3}\w\b", hetu_ok), (r"\b(?:\d\d)?\d{6}[-+]\d{4}\b", pnr_ok), (r"\b\d{3}\.\d{3}\.\d{3}-\d\d\b", cpf_ok),
                   (r"(?<![\w:])(?!ff:ff|00:00)[0-9a-f]{2}([:-][0-9a-f]{2}){5}(?![\w:-])", bool), (r"[\w.+-]+@[\w-]+\.(?!png)[a-z.]{2,}", bool)]:
        for m in re.finditer(rx, text):
            if ok(m[0]):
                return m[0]
    return None


def self_check():
    """Published examples pin the checks to the standards."""
    for ok, good in [(luhn, "4111111111111111"), (luhn, "490154203237518"), (verhoeff, "2363"), (iban_ok, "GB82 WEST 1234 5698 7654 32"), (tax_ok, "86095742719"), (tax_ok, "47036892816"),
                     (dni_ok, "12345678Z"), (dni_ok, "X1234567L"), (cf_ok, "RSSMRA85T10A562S"), (nir_ok, "255081416802538"), (nhs_ok, "943 476 5919"), (bsn_ok, "111222333"), (pesel_ok, "44051401359"),
                     (cpf_ok, "111.444.777-35"), (pnr_ok, "811228-9874"), (hetu_ok, "131052-308T"), (crypto_ok, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), (crypto_ok, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
                     (crypto_ok, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), (crypto_ok, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
                     (mrz_ok, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")]:
        assert ok(good), good


def rounds(templates):
    """Endless, every template once in each round, in a new order."""
    while True:
        yield from R.sample(templates, len(templates))


def make(i, source, hard, extra):
    lang, reg, template = next(source)
    for _ in range(200):
        text, spans = fill(template)
        if reg in PROSE and lang in CHATTER and R.random() < .45:
            before, after = R.random() < .5, R.random() < .6
            if before:
                lead = pick(CHATTER[lang]) + pick(["\n", "\n\n"])
                text, spans = lead + text, [[a + len(lead), b + len(lead), t] for a, b, t in spans]
            if after:
                text += pick(["\n", "\n\n"]) + (pick(CHATTER[lang]) if R.random() < .5 else fill(R.choice(extra[lang]))[0])
        if not by_accident(text, spans):
            return {"id": f"c-{'h' if hard else 'd'}{i:05d}", "half": "c", "language": lang, "register": reg, "hard": hard, "text": text, "spans": spans}
    raise AssertionError("always valid by accident: " + template + " / " + str(by_accident(text, spans)))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--seed", type=int, default=7)
    ap.add_argument("--documents", type=int, default=2200, help="labelled documents")
    ap.add_argument("--hard", type=int, default=800, help="hard negatives")
    ap.add_argument("--stats", action="store_true", help="print counts instead of documents")
    a = ap.parse_args()
    self_check()
    R.seed(a.seed)
    special, general, hard = {k: parse(v) for k, v in SPECIAL.items()}, parse(GENERAL), {k: parse(v) for k, v in HARD.items()}
    extra = collections.defaultdict(list)
    for lang, reg, text in sum(hard.values(), []):
        if reg in ("note", "ticket", "chat", "forum", "letter", "email"):
            extra[lang].append(text)
    weights = {"in_aadhaar": 9, "de_tax_id": 8, "ip": 6, "phone": 6, "birth_date": 8, "general": 63}
    sources = {k: rounds(v) for k, v in {**special, "general": general}.items()}
    plan = R.choices(list(weights), list(weights.values()), k=a.documents)
    docs = [make(i, sources[k], False, extra) for i, k in enumerate(plan)]
    hard_source = rounds(sum(hard.values(), []))
    docs += [make(i, hard_source, True, extra) for i in range(a.hard)]
    for d in docs:  # every label once more, from the finished text
        ends = 0
        for s, e, t in d["spans"]:
            v = d["text"][s:e]
            assert s >= ends and v == v.strip() and any(ok(v) for k, _, ok in LABELLED.values() if k == t), (t, v)
            ends = e
        assert d["hard"] == (not d["spans"]) and not re.search("<<[a-z#]", d["text"])
    if not a.stats:
        for d in docs:
            print(json.dumps(d, ensure_ascii=False))
        return
    print("documents", len(docs), "labelled", a.documents, "hard", a.hard)
    print("templates labelled", {k: len(v) for k, v in special.items()}, "general", len(general), "all", sum(map(len, special.values())) + len(general))
    print("templates hard", {k: len(v) for k, v in hard.items()}, "all", sum(map(len, hard.values())))
    print("languages", dict(collections.Counter(d["language"] for d in docs).most_common()))
    print("registers", dict(collections.Counter(d["register"] for d in docs).most_common()))
    spans, in_docs = collections.Counter(s[2] for d in docs for s in d["spans"]), collections.Counter(t for d in docs for t in {s[2] for s in d["spans"]})
    for t, n in spans.most_common():
        print(f"{t:20s} spans {n:5d}  documents {in_docs[t]:5d}")


if __name__ == "__main__":
    main()
