"""Independent labelled test set for a detector of personal data and secrets in texts.

The author of this file HAD NOT SEEN THE DETECTOR, nor any of its benchmarks, nor another author's test set: it was
written from a list of types and annotation rules alone.  That is its whole value; keep it so (mend labels which are
wrong, but do not tune templates to what the detector does).  Since the first look (bench/RESULTS.md) the detector was
mended by what this set showed, so it is held out no longer.

    privacy_set_d.py [--seed 11] [--documents 1600] [--hard 600] [--stats]

prints one JSON object a line: id, template, language, register, hard, text, spans ([start, end, type], character
offsets, end exclusive).  "hard" ones hold nothing that may be labelled.  --stats prints counts instead.

Templates are plain text blocks (DOCUMENTS and HARD below) headed `=== id | language | register [| aimed at]`.
`<<kind arg ...>>` is a slot: kinds in LABELLED give a labelled value, kinds in FILLER an unlabelled one; `kind#x`
gives the same value at each place in the text.  A line which begins with `%3-5%` is repeated, with new values.
Check digits are computed by make_* functions and verified by separate is_* functions in every run; the rest of each
text is searched for values which are valid by accident, and such a text is drawn again.
"""
import argparse
import base64
import binascii
import collections
import datetime
import hashlib
import ipaddress
import json
import random
import re
import sys
import unicodedata

R = random.Random(11)
DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = UPPER.lower()
ALNUM = UPPER + LOWER + DIGITS
HEX = "0123456789abcdef"


def some(alphabet, n):
    return "".join(R.choice(alphabet) for _ in range(n))


def number(n):
    """n digits, the first not zero."""
    return R.choice("123456789") + some(DIGITS, n - 1)


def groups(s, *sizes, sep=" "):
    out, i = [], 0
    for k in sizes:
        out.append(s[i:i + k])
        i += k
    if i < len(s):
        out.append(s[i:])
    return sep.join(out)


def only_digits(s):
    return re.sub(r"\D", "", s)


# ---------------------------------------------------------------------------------------------- checks (is_*)
def luhn_sum(s):
    total = 0
    for i, c in enumerate(reversed(s)):
        v = int(c) * (2 if i % 2 else 1)
        total += v - 9 if v > 9 else v
    return total % 10


def brand(d):
    n, p2, p3, p4 = len(d), int(d[:2]), int(d[:3]), int(d[:4])
    if d[0] == "4":
        return n in (16, 19)
    if 51 <= p2 <= 55 or 2221 <= p4 <= 2720:
        return n == 16
    if p2 in (34, 37):
        return n == 15
    if p4 == 6011 or p2 == 65 or 644 <= p3 <= 649 or 3528 <= p4 <= 3589:
        return n == 16
    return (p2 in (36, 38) or 300 <= p3 <= 305) and n == 14


def is_card(s):
    d = only_digits(s)
    return 14 <= len(d) <= 19 and brand(d) and luhn_sum(d) == 0


def is_imei(s):
    d = only_digits(s)
    return len(d) == 15 and luhn_sum(d) == 0


IBAN_FORM = {  # country: (digits n, letters a, mixed c) of the BBAN
    "DE": "n18", "AT": "n16", "CH": "n5c12", "FR": "n10c11n2", "ES": "n20", "IT": "a1n10c12", "NL": "a4n10", "BE": "n12",
    "PL": "n24", "PT": "n21", "GB": "a4n14", "SE": "n20", "FI": "n14", "DK": "n14", "NO": "n11", "IE": "a4n14",
    "LU": "n3c13", "CZ": "n20"}


def mod97(s):
    return int("".join(str(int(c, 36)) for c in s)) % 97


def is_iban(s):
    c = re.sub(r"[\s-]", "", s).upper()
    if c[:2] not in IBAN_FORM or not c[2:4].isdigit():
        return False
    want = "".join({"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}[k] + "{%s}" % n for k, n in re.findall(r"([nac])(\d+)", IBAN_FORM[c[:2]]))
    return bool(re.fullmatch(want, c[4:])) and mod97(c[4:] + c[:4]) == 1


V_D = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
       [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
       [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
V_P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
       [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]


def verhoeff(d):
    c = 0
    for i, ch in enumerate(reversed(d)):
        c = V_D[c][V_P[i % 8][int(ch)]]
    return c


def is_aadhaar(s):
    d = only_digits(s)
    return len(d) == 12 and d[0] in "23456789" and verhoeff(d) == 0


def mod_11_10(d):
    p = 10
    for c in d:
        p = ((int(c) + p) % 10 or 10) * 2 % 11
    return (11 - p) % 10


def is_de_tax_id(s):
    d = only_digits(s)
    if len(d) != 11 or d[0] == "0":
        return False
    counts = sorted(collections.Counter(d[:10]).values())
    return [c for c in counts if c > 1] in ([2], [3]) and mod_11_10(d[:10]) == int(d[10])


def is_es_dni(s):
    c = re.sub(r"[.\s-]", "", s).upper()
    if not re.fullmatch(r"[XYZ\d]\d{7}[A-Z]", c):
        return False
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(str("XYZ".find(c[0]) if c[0] in "XYZ" else c[0]) + c[1:8]) % 23] == c[8]


CF_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11,
                                                              3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))


def cf_check(s):
    t = sum(CF_ODD[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(s))
    return chr(65 + t % 26)


def is_codice_fiscale(s):
    s = s.upper()
    return bool(re.fullmatch(r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]", s)) and cf_check(s[:15]) == s[15]


def is_nir(s):
    c = re.sub(r"[\s.]", "", s).upper()
    if not re.fullmatch(r"[12]\d{2}(0[1-9]|1[0-2])(\d\d|2[AB])\d{8}", c):
        return False
    return 97 - int(c[:13].replace("2A", "19").replace("2B", "18") if c[5:7] in ("2A", "2B") else c[:13]) % 97 == int(c[13:])


def is_nhs(s):
    d = only_digits(s)
    if len(d) != 10:
        return False
    k = 11 - sum(int(c) * (10 - i) for i, c in enumerate(d[:9])) % 11
    return k != 10 and k % 11 == int(d[9])


def is_nino(s):
    c = s.replace(" ", "").upper()
    return bool(re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", c)) and c[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def is_bsn(s):
    d = only_digits(s)
    return len(d) == 9 and d != "0" * 9 and (sum(int(c) * (9 - i) for i, c in enumerate(d[:8])) - int(d[8])) % 11 == 0


def real_date(y, m, d):
    try:
        return bool(datetime.date(y, m, d))
    except ValueError:
        return False


def is_pesel(s):
    if not re.fullmatch(r"\d{11}", s):
        return False
    y, m, d = int(s[:2]), int(s[2:4]), int(s[4:6])
    year = {0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}[m // 20] + y
    return real_date(year, m % 20, d) and (10 - sum(int(c) * w for c, w in zip(s, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10) % 10 == int(s[10])


def cpf_check(d):
    for _ in range(2):
        r = sum(int(c) * (len(d) + 1 - i) for i, c in enumerate(d)) * 10 % 11
        d += str(r % 10)
    return d


def is_cpf(s):
    d = only_digits(s)
    return len(d) == 11 and len(set(d)) > 1 and cpf_check(d[:9]) == d


def is_personnummer(s):
    d = only_digits(s)
    if len(d) == 12:
        if d[:2] not in ("19", "20") or not real_date(int(d[:4]), int(d[4:6]), int(d[6:8])):
            return False
        d = d[2:]
    elif len(d) != 10 or not any(real_date(c + int(d[:2]), int(d[2:4]), int(d[4:6])) for c in (1900, 2000)):
        return False
    return luhn_sum(d) == 0


def is_hetu(s):
    m = re.fullmatch(r"(\d\d)(\d\d)(\d\d)([-+A])(\d{3})([0-9A-Y])", s)
    if not m:
        return False
    century = {"+": 1800, "-": 1900, "A": 2000}[m[4]]
    return real_date(century + int(m[3]), int(m[2]), int(m[1])) and 2 <= int(m[5]) <= 899 and \
        "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(m[1] + m[2] + m[3] + m[5]) % 31] == m[6]


def is_ssn(s):
    m = re.fullmatch(r"(\d{3})-?(\d\d)-?(\d{4})", s)
    return bool(m) and m[1] not in ("000", "666") and m[1] < "900" and m[2] != "00" and m[3] != "0000"


def mrz_digit(s):
    return str(sum((int(c, 36) if c != "<" else 0) * (7, 3, 1)[i % 3] for i, c in enumerate(s)) % 10)


def is_mrz(s):
    lines = [x.strip() for x in s.split("\n")]
    if len(lines) != 2 or any(len(x) != 44 or not re.fullmatch("[A-Z0-9<]+", x) for x in lines) or lines[0][0] != "P":
        return False
    b = lines[1]
    return all(mrz_digit(b[i:j]) == b[j] for i, j in ((0, 9), (13, 19), (21, 27))) and \
        (mrz_digit(b[28:42]) == b[42] or b[28:43] == "<" * 15) and mrz_digit(b[:10] + b[13:20] + b[21:43]) == b[43]


# Bitcoin and Ethereum ---------------------------------------------------------------------------------------
B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
B32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def double_sha(b):
    return hashlib.sha256(hashlib.sha256(b).digest()).digest()


def base58check(payload):
    raw = payload + double_sha(payload)[:4]
    n, out = int.from_bytes(raw, "big"), ""
    while n:
        n, r = divmod(n, 58)
        out = B58[r] + out
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out


def is_base58check(s):
    n = 0
    for c in s:
        if c not in B58:
            return False
        n = n * 58 + B58.index(c)
    raw = n.to_bytes(25, "big") if n < 1 << 200 else b""
    return len(raw) == 25 and raw[0] in (0, 5) and double_sha(raw[:21])[:4] == raw[21:]


def bech32_polymod(values):
    chk = 1
    for v in values:
        top = chk >> 25
        chk = (chk & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            chk ^= g if top >> i & 1 else 0
    return chk


HRP = [3, 3, 0, 2, 3]  # "bc"


def bech32(version, program):
    bits = "".join(f"{b:08b}" for b in program)
    bits += "0" * (-len(bits) % 5)
    data = [version] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    pm = bech32_polymod(HRP + data + [0] * 6) ^ (1 if version == 0 else 0x2bc830a3)
    return "bc1" + "".join(B32[v] for v in data + [pm >> 5 * (5 - i) & 31 for i in range(6)])


def is_bech32(s):
    if not s.startswith("bc1") or any(c not in B32 for c in s[3:]):
        return False
    data = [B32.index(c) for c in s[3:]]
    return bech32_polymod(HRP + data) == (1 if data[0] == 0 else 0x2bc830a3)


def keccak256(data):
    """Keccak with the old padding, as Ethereum uses it (not hashlib's sha3_256)."""
    rol = lambda v, n: (v << n | v >> 64 - n) & (1 << 64) - 1 if n else v
    data += b"\1" + b"\0" * ((-len(data) - 2) % 136) + b"\x80"
    a = [[0] * 5 for _ in range(5)]
    for block in range(0, len(data), 136):
        for i in range(17):
            a[i % 5][i // 5] ^= int.from_bytes(data[block + 8 * i:block + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
            d = [c[(x + 4) % 5] ^ rol(c[(x + 1) % 5], 1) for x in range(5)]
            a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
            x, y, cur = 1, 0, a[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, a[x][y] = a[x][y], rol(cur, (t + 1) * (t + 2) // 2 % 64)
            for y in range(5):
                row = [a[x][y] for x in range(5)]
                for x in range(5):
                    a[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
            for j in range(7):
                lfsr = (lfsr << 1 ^ (lfsr >> 7) * 0x71) % 256
                if lfsr & 2:
                    a[0][0] ^= 1 << (1 << j) - 1
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def eip55(h):
    k = keccak256(h.encode()).hex()
    return "0x" + "".join(c.upper() if int(k[i], 16) >= 8 else c for i, c in enumerate(h))


def is_ethereum(s):
    return bool(re.fullmatch("0x[0-9a-fA-F]{40}", s)) and (s == s.lower() or eip55(s[2:].lower()) == s)


def is_crypto(s):
    return is_ethereum(s) if s.startswith("0x") else is_bech32(s) if s.startswith("bc1") else is_base58check(s)


def is_ip(s):
    a = ipaddress.ip_address(s)
    return not (a.is_loopback or a.is_unspecified or str(a).startswith("255."))


SECRET_FORMS = re.compile(r"(AKIA[A-Z2-7]{16}|ghp_\w{36}|github_pat_\w{82}|xox[bp]-[\w-]{40,}|[sr]k_live_\w{24,}|sk-[\w-]{40,}|AIza[\w-]{35}|hf_\w{34}|"
                          r"glpat-[\w-]{20}|SG\.[\w-]{22}\.[\w-]{43}|npm_\w{36}|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----)")
CHECKS = {
    "email": lambda s: re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", s), "phone": lambda s: 7 <= len(only_digits(s)) <= 15,
    "address": lambda s: re.search(r"\d", s), "card": is_card, "iban": is_iban, "crypto": is_crypto, "ip": is_ip,
    "mac": lambda s: re.fullmatch(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}", s), "imei": is_imei,
    "secret": lambda s: len(s) >= 6, "url_credentials": lambda s: re.fullmatch(r"[\w.-]+:[^\s@/:]+", s), "us_ssn": is_ssn, "de_tax_id": is_de_tax_id,
    "es_dni": is_es_dni, "it_codice_fiscale": is_codice_fiscale, "fr_nir": is_nir, "uk_nhs": is_nhs, "uk_nino": is_nino, "nl_bsn": is_bsn,
    "pl_pesel": is_pesel, "br_cpf": is_cpf, "in_aadhaar": is_aadhaar, "se_personnummer": is_personnummer, "fi_hetu": is_hetu,
    "passport_mrz": is_mrz, "birth_date": lambda s: re.search(r"\d", s)}


def self_test():
    """Published examples, so that a maker and a check cannot be wrong in the same way unnoticed."""
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") and not is_ethereum("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    assert is_crypto("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa") and is_crypto("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
    assert is_crypto("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")
    assert is_iban("DE89 3704 0044 0532 0130 00") and is_iban("GB29NWBK60161331926819") and not is_iban("DE88 3704 0044 0532 0130 00")
    assert is_card("4111 1111 1111 1111") and is_card("3782 822463 10005") and not is_card("4111 1111 1111 1112")
    assert verhoeff("2363") == 0 and is_de_tax_id("86095742719") and not is_de_tax_id("86095742718") and is_es_dni("12345678Z") and is_es_dni("X1234567L")
    assert is_codice_fiscale("RSSMRA85T10A562S") and is_nir("2 55 08 14 168 025 38") and is_nhs("943 476 5919") and is_bsn("111222333")
    assert is_pesel("44051401359") and is_cpf("529.982.247-25") and is_personnummer("811218-9876") and is_hetu("131052-308T")
    assert is_imei("490154203237518") and not is_nino("BG123456A") and is_nino("AB123456C") and not is_ssn("666-12-3456")
    assert is_mrz("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")


# ------------------------------------------------------------------------------------------------- names, dates
NAMES = {
    "en": ("James Emily Oliver Grace Daniel Hannah Marcus Chloe Peter Joanne Nathan Ruth", "Walker Hughes Bennett Carter Morgan Doyle Fletcher Reid Parsons Whitfield"),
    "de": ("Anna Jonas Katrin Stefan Miriam Uwe Jürgen Lena Sabine Tobias Heike Moritz", "Müller Schneider Weber Hoffmann Krüger Lindner Baumann Vogt Seidel Schäfer"),
    "fr": ("Camille Julien Élodie Thierry Margaux Benoît Claire Mathieu Sylvie Hugo", "Martin Lefèvre Moreau Girard Rousseau Chevalier Perrin Faure Dumas Colin"),
    "es": ("Lucía Javier Carmen Álvaro Marta Pablo Elena Diego Rocío Iván", "García Fernández Ortega Navarro Ruiz Molina Castro Vidal Serrano Peña"),
    "it": ("Giulia Marco Chiara Luca Francesca Matteo Paola Davide Elisa Stefano", "Rossi Bianchi Ferrari Esposito Conti Greco Marino Lombardi Fontana Villa"),
    "nl": ("Sanne Daan Lotte Bram Femke Jeroen Anouk Thijs Marieke Pieter", "Jansen Visser Bakker Smit Dekker Mulder Hendriks Kuipers Bos Vermeer"),
    "pl": ("Agnieszka Tomasz Katarzyna Piotr Magda Paweł Joanna Marcin Ewa Krzysztof", "Kowalska Nowak Wójcik Mazur Zieliński Wrona Szymczak Górski Pawlak Lis"),
    "pt": ("Mariana João Beatriz Rafael Inês Tiago Larissa Bruno Sofia Gustavo", "Silva Santos Pereira Oliveira Costa Almeida Ribeiro Carvalho Teixeira Lima"),
    "sv": ("Elsa Johan Maja Erik Linnéa Anders Karin Oskar Sara Gustav", "Andersson Lindberg Nyström Sjögren Bergman Holm Ekström Lund Wallin Sandberg"),
    "fi": ("Aino Mikko Päivi Juhani Sanna Antti Riikka Ville Noora Timo", "Virtanen Korhonen Mäkinen Laine Heikkinen Salonen Rantanen Koskela Lehto Niemi"),
    "in": ("Priya Rahul Ananya Suresh Kavita Arjun Deepa Vikram Meena Sanjay", "Sharma Iyer Patel Reddy Nair Gupta Banerjee Kulkarni Singh Menon")}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta"}
DATE_FORMS = {  # %1 day, %0 day with zero, %2 month number, %M month with zero, %W word, %S short English word, %Y year
    "en": ["%1 %W %Y", "%W %1, %Y", "%M/%0/%Y", "%0/%M/%Y", "%Y-%M-%0", "%0-%S-%Y", "%O %W %Y", "%0.%M.%Y", "%S %1, %Y"],
    "uk": ["%1 %W %Y", "%0/%M/%Y", "%0-%M-%Y", "%0 %S %Y", "%O %W %Y", "%0.%M.%Y"], "us": ["%W %1, %Y", "%M/%0/%Y", "%2/%1/%Y", "%M-%0-%Y", "%S %1, %Y"],
    "in": ["%0/%M/%Y", "%0-%M-%Y", "%1 %W %Y", "%0-%S-%Y", "%0.%M.%Y"],
    "de": ["%0.%M.%Y", "%0.%M.%Y", "%1. %W %Y", "%1.%2.%Y", "%Y-%M-%0"], "fr": ["%0/%M/%Y", "%F %W %Y", "%F %W %Y", "%0.%M.%Y", "%0-%M-%Y"],
    "es": ["%0/%M/%Y", "%1 de %W de %Y", "%0-%M-%Y", "%1/%2/%Y"], "it": ["%0/%M/%Y", "%1 %W %Y", "%0.%M.%Y", "%0-%M-%Y"],
    "nl": ["%0-%M-%Y", "%1 %W %Y", "%0/%M/%Y", "%1-%2-%Y"], "pl": ["%0.%M.%Y", "%1 %W %Y", "%Y-%M-%0", "%0-%M-%Y"],
    "pt": ["%0/%M/%Y", "%1 de %W de %Y", "%0-%M-%Y", "%0.%M.%Y"], "sv": ["%Y-%M-%0", "%1 %W %Y", "%Y-%M-%0", "%1/%2 %Y"],
    "fi": ["%1.%2.%Y", "%0.%M.%Y", "%1. %W %Y"], "iso": ["%Y-%M-%0"], "dot": ["%0.%M.%Y"], "slash": ["%0/%M/%Y"], "ushort": ["%M/%0/%Y"], "de2": ["%0.%M.%y"]}


def date_text(day, lang, word=False):
    forms = [f for f in DATE_FORMS[lang] if not word or "%W" in f]
    words = MONTHS[lang if lang in MONTHS else "en"].split()
    en = MONTHS["en"].split()[day.month - 1]
    o = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    put = {"%1": str(day.day), "%0": f"{day.day:02}", "%2": str(day.month), "%M": f"{day.month:02}", "%W": words[day.month - 1], "%S": en[:3],
           "%Y": str(day.year), "%y": f"{day.year % 100:02}", "%O": f"{day.day}{o}", "%F": "1er" if day.day == 1 else str(day.day)}
    return re.sub("%.", lambda m: put[m[0]], R.choice(forms))


def some_day(first, last):
    a, b = datetime.date(first, 1, 1).toordinal(), datetime.date(last, 12, 31).toordinal()
    return datetime.date.fromordinal(R.randint(a, b))


def born():
    return some_day(1934, 2011)


def plain(s):
    s = s.replace("ł", "l").replace("ö", "oe").replace("ü", "ue").replace("ä", "ae")
    return unicodedata.normalize("NFKD", s).encode("ascii", "ignore").decode()


def first(lang="en"):
    return R.choice(NAMES[lang][0].split())


def last(lang="en"):
    return R.choice(NAMES[lang][1].split())


# --------------------------------------------------------------------------------------- labelled values (make_*)
def make_email(lang=None):
    lang = lang or R.choice(list(NAMES))
    f, l = plain(first(lang)).lower(), plain(last(lang)).lower()
    tld = {"en": "co.uk", "in": "in", "pt": R.choice(["pt", "com.br"]), "sv": "se"}.get(lang, lang)
    host = R.choice(["gmail.com", "outlook.com", "proton.me", "icloud.com", "yahoo." + tld, "web.de" if lang == "de" else "gmx.net", "example." + tld,
                     "mail.example.org", "nordlicht-it." + tld, "atelier-verde." + tld, "uni-campus." + tld])
    user = R.choice([f"{f}.{l}", f"{f[0]}{l}", f"{f}_{l}", f"{l}.{f}", f"{f}{R.randint(60, 99)}", f"{f}.{l}+{R.choice(['shop', 'news', 'billing'])}",
                     f"{f}-{l}", f"{f}{l}{R.randint(1, 999)}", R.choice(["info", "support", "office", "hr"])])
    return f"{f.title()}.{l.title()}@{host}" if R.random() < .05 else f"{user}@{host}"


PHONES = {  # national forms | international forms; x any digit, n 2-9
    "us": "(212) nxx-xxxx;415-nxx-xxxx;312.nxx.xxxx;(617)nxx-xxxx;1-720-nxx-xxxx;206 nxx xxxx|+1 212-nxx-xxxx;+1 (415) nxx-xxxx;+1.303.nxx.xxxx;+1404nxxxxxx",
    "ca": "(416) nxx-xxxx;604-nxx-xxxx;514.nxx.xxxx|+1 416 nxx xxxx;+1-604-nxx-xxxx",
    "gb": "020 7nxx xxxx;07n00 xxxxxx;0161 nxx xxxx;01632 nxxxxx;(0117) nxx xxxx;07911nxxxxx|+44 20 7nxx xxxx;+44 7700 nxxxxx;+44 (0)161 nxx xxxx;+447911nxxxxx;0044 131 nxx xxxx",
    "ie": "01 nxx xxxx;087 nxx xxxx;(021) nxx xxxx|+353 1 nxx xxxx;+353 87 nxxxxxx;00353 86 nxx xxxx",
    "de": "030 nxxxxxxx;0171 nxxxxxx;(089) nxxxxxx;0221/nxxxxxx;0711-nxxxxxx;0151 nxxx xxxx;040 / nxx xx xx;05121 nxxxx|"
          "+49 30 nxxxxxxx;+49 (0)89 nxxxxxx;+49 171 nxxxxxx;+49-221-nxxxxxx;0049 160 nxxxxxxx;+4915nxxxxxxxxx",
    "at": "01 nxx xx xx;0664 nxxxxxx;0316/nxxxxx|+43 1 nxxxxxx;+43 664 nxxxxxx;0043 512 nxxxxx",
    "ch": "044 nxx xx xx;079 nxx xx xx;031 nxx xx xx|+41 44 nxx xx xx;+41 79 nxx xx xx;0041 61 nxx xx xx;+41 (0)22 nxx xx xx",
    "fr": "01 4x xx xx xx;06 nx xx xx xx;06.nx.xx.xx.xx;04-7x-xx-xx-xx;07nxxxxxxx|+33 1 4x xx xx xx;+33 6 nx xx xx xx;+33 (0)4 7x xx xx xx;0033 6nxxxxxxx;+336nxxxxxxx",
    "be": "02 nxx xx xx;0475 nx xx xx;03/nxx.xx.xx|+32 2 nxx xx xx;+32 475 nx xx xx;0032 9 nxx xx xx",
    "lu": "26 nx xx xx;621 nxx xxx|+352 26 nx xx xx;+352 621 nxx xxx",
    "nl": "020-nxxxxxx;06-nxxxxxxx;06 nxxx xxxx;(010) nxx xx xx;030 nxx xxxx|+31 20 nxx xxxx;+31 6 nxxxxxxx;+316nxxxxxxx;0031 6 nxxx xxxx",
    "es": "91n xxx xxx;6nx xxx xxx;6nx xx xx xx;93 nxx xx xx;95nxxxxxx|+34 91n xx xx xx;+34 6nx xxx xxx;+346nxxxxxxx;0034 6nx xx xx xx",
    "pt": "21n xxx xxx;91n xxx xxx;96nxxxxxx|+351 21n xxx xxx;+351 91n xxx xxx;00351 96n xxx xxx",
    "br": "(11) 9nxxx-xxxx;(21) 2nxx-xxxx;(51) 9 nxxx-xxxx;(31) 3nxx-xxxx|+55 11 9nxxx-xxxx;+55 (21) 2nxx-xxxx;+55219nxxxxxxx",
    "it": "06 nxxxxxxx;02 nxxxxxx;347 nxxxxxx;333 nxx xxxx;055/nxxxxxx|+39 06 nxxxxxxx;+39 347 nxxxxxx;+39 333 nxx xxxx;0039 02 nxxxxxx",
    "pl": "22 nxx xx xx;60n xxx xxx;(12) nxx xx xx;51n-xxx-xxx;79nxxxxxx|+48 22 nxx xx xx;+48 60n xxx xxx;+4850nxxxxxx;0048 60n xxx xxx",
    "cz": "60n xxx xxx;22n xxx xxx|+420 60n xxx xxx;+420 77nxxxxxx",
    "se": "070-nxx xx xx;08-nxx xx xx;031-nx xx xx;073 nxx xx xx;076-nxxxxxx|+46 70 nxx xx xx;+46 8 nxx xx xx;+46 (0)73-nxx xx xx;0046 31 nxx xx xx",
    "no": "22 nx xx xx;9nx xx xxx;4nxxxxxx|+47 22 nx xx xx;+47 9nx xx xxx;+474nxxxxxx",
    "dk": "33 nx xx xx;2n xx xx xx;4nxxxxxx|+45 33 nx xx xx;+45 2n xx xx xx",
    "fi": "040 nxx xxxx;09 nxx xxxx;050-nxxxxxx;044 nxxxxxx|+358 40 nxx xxxx;+358 9 nxxxxxx;+35850nxxxxxx;00358 45 nxx xxxx",
    "in": "98nxx xxxxx;080-nxxx xxxx;022 nxxx xxxx;9nxxxxxxxx;0nn-2xxxxxxx|+91 98nxx xxxxx;+91-9nxxxxxxxx;+91 22 nxxx xxxx;0091 80 nxxx xxxx",
    "au": "(02) 9nxx xxxx;04n2 xxx xxx;03 9nxx xxxx|+61 2 9nxx xxxx;+61 4n2 xxx xxx;0061 3 9nxx xxxx", "nz": "021 nxx xxxx;(09) 3nx xxxx|+64 21 nxx xxx;+64 9 3nx xxxx",
    "jp": "03-nxxx-xxxx;090-nxxx-xxxx|+81 3-nxxx-xxxx;+81 90 nxxx xxxx", "za": "011 nxx xxxx;082 nxx xxxx|+27 11 nxx xxxx;+27 82 nxx xxxx",
    "mx": "55 nxxx xxxx;(33) nxxx xxxx|+52 55 nxxx xxxx;+52 33 nxxx xxxx", "ar": "011 4nxx-xxxx|+54 9 11 nxxx-xxxx;+54 11 4nxx-xxxx",
    "tr": "0532 nxx xx xx;(0212) nxx xx xx|+90 532 nxx xx xx;+90 (212) nxx xx xx", "gr": "210 nxx xxxx;697 nxx xxxx|+30 210 nxx xxxx;+30 697 nxx xxxx",
    "hu": "06 1 nxx xxxx;06 30 nxx xxxx|+36 1 nxx xxxx;+36 30 nxx xxxx", "ro": "0722 nxx xxx;021 3xx xxxx|+40 722 nxx xxx;+40 21 3xx xx xx",
    "il": "03-nxx-xxxx;054-nxx-xxxx|+972 3-nxx-xxxx;+972 54 nxx xxxx", "sg": "6nxx xxxx;9nxx xxxx|+65 6nxx xxxx;+65 9nxx xxxx",
    "cn": "138 nxxx xxxx;010-8nxx xxxx|+86 138 nxxx xxxx;+86 10 8nxx xxxx", "kr": "02-nxx-xxxx;010-nxxx-xxxx|+82 2-nxx-xxxx;+82 10-nxxx-xxxx",
    "ae": "04 3nx xxxx;050 nxx xxxx|+971 4 3nx xxxx;+971 50 nxx xxxx", "ua": "044 nxx xx xx;067 nxx xx xx|+380 44 nxx xx xx;+380 67 nxxxxxx"}


def make_phone(country="any", form=None):
    if country == "any":
        country = R.choice(list(PHONES))
    nat, intl = PHONES[country].split("|")
    forms = nat.split(";") * (form != "int") + intl.split(";") * (form != "nat")
    return re.sub("[xn]", lambda m: some("23456789" if m[0] == "n" else DIGITS, 1), R.choice(forms))


STREETS = {  # streets | cities with a postcode pattern (9 any digit, A letter) | forms ({n} number, {s} street, {p} place)
    "us": ("Oak Street;Maple Avenue;Washington Blvd;Sunset Drive;Elm St;Lakeview Road;North Main Street;Cedar Ln;Park Ave;W Jefferson St",
           "Springfield, IL 627#9;Portland, OR 972#9;Austin, TX 787#9;Denver, CO 802#9;Columbus, OH 432#9;Madison, WI 537#9",
           "{N} {s}, {p};{N} {s}, Apt {n}B, {p};{N} {s}, {p}"),
    "uk": ("High Street;Station Road;Acacia Avenue;Church Lane;Victoria Terrace;Mill Road;Queens Drive;The Crescent;Kingsway;Albert Square",
           "Leeds LS1 #AA;London SW1A #AA;Bristol BS8 #AA;Manchester M14 #AA;York YO1 #AA;Cardiff CF10 #AA;Edinburgh EH3 #AA", "{n} {s}, {p};{n}a {s}, {p}"),
    "ie": ("Grafton Street;Main Street;Patrick Street;Harbour Road", "Dublin 4;Dublin D02 X285;Cork T12 W8KP;Galway H91 E2R3", "{n} {s}, {p}"),
    "ca": ("Queen Street West;Rue Sherbrooke Ouest;Granville Street;Bay St", "Toronto, ON M5V 2A4;Montréal, QC H3A 1B9;Vancouver, BC V6Z 1L3", "{N} {s}, {p}"),
    "au": ("George Street;Collins St;Pacific Highway;Beach Road", "Parramatta NSW 21##;Melbourne VIC 30##;Brisbane QLD 40##", "{n} {s}, {p};{n}/{n} {s}, {p}"),
    "in": ("MG Road;Park Street;4th Cross Street;Nehru Nagar Main Road;Station Road;Linking Road;Anna Salai;Gandhi Marg",
           "Bengaluru 5600##;Kolkata 7000##;Chennai 6000##;Mumbai 4000##;Pune - 4110##;New Delhi 1100##", "{n}, {s}, {p};{n}/{n}, {s}, {p};{n} {s}, {p}"),
    "de": ("Hauptstraße;Lindenweg;Goethestr.;Am Alten Markt;Kaiser-Wilhelm-Ring;Bahnhofstraße;Schillerplatz;Berliner Allee;Unter den Eichen;Mühlgasse;Karl-Marx-Straße",
           "10### Berlin;50### Köln;80### München;20### Hamburg;04### Leipzig;70### Stuttgart;60### Frankfurt am Main;37### Göttingen;24### Kiel",
           "{s} {n}, {p};{s} {n}a, {p};{s} {n}, {p};{s} {n}, {p};{s} {n} b, {p}"),
    "at": ("Mariahilfer Straße;Landstraßer Hauptstraße;Herrengasse;Linzer Straße", "1060 Wien;8010 Graz;4020 Linz;5020 Salzburg", "{s} {n}/{n}, {p};{s} {n}, {p}"),
    "ch": ("Bahnhofstrasse;Seefeldstrasse;Rue du Rhône;Marktgasse", "8001 Zürich;3011 Bern;1204 Genève;4051 Basel", "{s} {n}, {p}"),
    "fr": ("rue de la République;avenue Victor Hugo;boulevard Voltaire;place Bellecour;rue des Lilas;chemin du Moulin;allée des Tilleuls;impasse Pasteur;quai de la Fosse",
           "69002 Lyon;75011 Paris;33000 Bordeaux;44000 Nantes;31000 Toulouse;59800 Lille;13006 Marseille;35000 Rennes",
           "{n} {s}, {p};{n} {s}, {p};{n} bis {s}, {p};{n}, {s}, {p}"),
    "be": ("Rue de la Loi;Avenue Louise;Kerkstraat;Meir", "1000 Bruxelles;1050 Ixelles;9000 Gent;2000 Antwerpen", "{s} {n}, {p}"),
    "es": ("Calle Mayor;Calle de Alcalá;Avenida de la Constitución;C/ San Fernando;Paseo de Gracia;Plaza de España;Avda. Diagonal;Calle Real;Ronda de Segovia",
           "28013 Madrid;41001 Sevilla;08007 Barcelona;46002 Valencia;29015 Málaga;50004 Zaragoza;48001 Bilbao", "{s} {n}, {p};{s}, {n}, {p};{s} {n}, 3º B, {p};{s}, nº {n}, {p}"),
    "it": ("Via Garibaldi;Corso Vittorio Emanuele II;Piazza del Popolo;Viale dei Mille;Via Roma;Largo Argentina;Via XX Settembre;Vicolo del Forno;Via delle Rose",
           "20121 Milano;10123 Torino;00187 Roma (RM);40126 Bologna;50122 Firenze;80134 Napoli (NA);16121 Genova", "{s} {n}, {p};{s}, {n}, {p};{s} {n}/A, {p}"),
    "nl": ("Keizersgracht;Kerkstraat;Dorpsstraat;Stationsweg;Burgemeester de Vlugtlaan;Molenpad;Oranjeplein;Wilhelminakade",
           "1015 AB Amsterdam;3511 KL Utrecht;3012 CN Rotterdam;2511 BT Den Haag;9712 HE Groningen;5611 EM Eindhoven",
           "{s} {n}, {p};{s} {n}-{n}, {p};{s} {n}A, {p};{s} {n}, {p}"),
    "pl": ("ul. Marszałkowska;ul. Długa;al. Jerozolimskie;ul. Kościuszki;pl. Wolności;ul. 3 Maja;os. Piastów;ul. Polna",
           "00-590 Warszawa;31-147 Kraków;50-069 Wrocław;61-731 Poznań;80-831 Gdańsk;90-365 Łódź",
           "{s} {n}/{n}, {p};{s} {n}, {p};{s} {n} m. {n}, {p}"),
    "pt": ("Rua Augusta;Avenida da Liberdade;Rua de Santa Catarina;Travessa do Carmo;Largo do Rato;Praça da República",
           "1100-053 Lisboa;4000-447 Porto;3000-150 Coimbra;4700-320 Braga", "{s} {n}, {p};{s}, {n}, {p};{s} {n}, 2.º Esq., {p}"),
    "br": ("Rua das Flores;Avenida Paulista;Rua XV de Novembro;Alameda Santos;Av. Atlântica;Travessa Boa Vista",
           "01310-100 São Paulo - SP;22021-001 Rio de Janeiro - RJ;80020-310 Curitiba - PR;30130-010 Belo Horizonte - MG",
           "{s}, {N}, {p};{s}, {N}, apto {n}, {p};{s} {N}, {p}"),
    "se": ("Storgatan;Drottninggatan;Kungsvägen;Björkstigen;Hantverkargatan;Södra Allégatan",
           "114 55 Stockholm;411 06 Göteborg;211 22 Malmö;753 10 Uppsala;582 23 Linköping", "{s} {n}, {p};{s} {n} B, {p};{s} {n}A, {p}"),
    "fi": ("Mannerheimintie;Hämeenkatu;Rantatie;Koivukuja;Aleksanterinkatu;Puistokatu", "00100 Helsinki;33100 Tampere;20100 Turku;90100 Oulu;40100 Jyväskylä",
         "{s} {n} A {n}, {p};{s} {n}, {p};{s} {n} B, {p}"),
    "dk": ("Nørregade;Vesterbrogade;Strandvejen", "1165 København K;8000 Aarhus C;5000 Odense C", "{s} {n}, 2. tv, {p};{s} {n}, {p}"),
    "no": ("Karl Johans gate;Storgata;Kirkeveien", "0154 Oslo;5014 Bergen;7011 Trondheim", "{s} {n}, {p};{s} {n}B, {p}")}


def make_address(country="any", part="all"):
    if country == "any":
        country = R.choice(list(STREETS))
    streets, places, forms = (x.split(";") for x in STREETS[country])
    form = R.choice(forms)
    if part == "street":
        form = form.replace(", {p}", "")
    form = re.sub("{n}", lambda m: str(R.randint(1, 98)), form)
    form = re.sub("{N}", lambda m: str(R.randint(100, 4999)), form)
    place = re.sub("#|AA", lambda m: some(DIGITS if m[0] == "#" else "ABDEFGHJLNPQRSTUWXYZ", len(m[0])), R.choice(places))
    return form.replace("{s}", R.choice(streets)).replace("{p}", place)


def make_card(form=None):
    pre, n = R.choice([("4", 16), ("4", 16), (str(R.randint(51, 55)), 16), (str(R.randint(2221, 2720)), 16), ("37", 15), ("34", 15), ("6011", 16), (str(R.randint(3528, 3589)), 16)])
    d = pre + some(DIGITS, n - 1 - len(pre))
    d += str(next(k for k in range(10) if luhn_sum(d + str(k)) == 0))
    if form == "bare" or R.random() < .3:
        return d
    sep = R.choice("  -")
    return groups(d, 4, 6, 5, sep=sep) if n == 15 else groups(d, 4, 4, 4, 4, sep=sep)


def make_iban(country=None, form=None):
    if country == "bare":
        country, form = None, "bare"
    country = country or R.choice(list(IBAN_FORM))
    bban = "".join(some({"n": DIGITS, "a": UPPER, "c": DIGITS}[k], int(n)) for k, n in re.findall(r"([nac])(\d+)", IBAN_FORM[country]))
    s = country + f"{98 - mod97(bban + country + '00'):02}" + bban
    return s if form == "bare" or R.random() < .35 else groups(s, *[4] * (len(s) // 4))


def make_crypto(kind=None):
    kind = kind or R.choice(["p2pkh", "p2sh", "v0", "v1", "eth", "eth"])
    data = bytes(R.randrange(256) for _ in range(20))
    if kind == "btc":
        kind = R.choice(["p2pkh", "p2sh", "v0", "v1"])
    if kind in ("p2pkh", "p2sh"):
        return base58check((b"\0" if kind == "p2pkh" else b"\5") + data)
    if kind == "eth":
        return eip55(data.hex()) if R.random() < .6 else "0x" + data.hex()
    return bech32(0, data) if kind == "v0" else bech32(1, bytes(R.randrange(256) for _ in range(32)))


def make_ip(kind="4"):
    o = lambda a=1, b=254: R.randint(a, b)
    if kind == "any":
        kind = R.choice(["4", "4", "6"])
    if kind == "4":
        kind = R.choice(["pub", "pub", "priv", "doc"])
    if kind == "pub":
        return f"{R.choice([5, 31, 46, 62, 77, 81, 88, 93, 109, 141, 178, 185, 193, 203, 212, 217, 34, 52, 104, 151])}.{o(0, 255)}.{o(0, 255)}.{o()}"
    if kind == "priv":
        return R.choice([f"10.{o(0, 255)}.{o(0, 255)}.{o()}", f"192.168.{o(0, 255)}.{o()}", f"172.{o(16, 31)}.{o(0, 255)}.{o()}"])
    if kind == "doc":
        return R.choice(["192.0.2.", "198.51.100.", "203.0.113."]) + str(o())
    if kind == "net":
        return R.choice([f"10.{o(0, 255)}.{o(0, 255)}.0", f"192.168.{o(0, 255)}.0", f"172.{o(16, 31)}.{o(0, 255)}.0", f"185.{o()}.{o()}.0", "198.51.100.0"])
    h = lambda: f"{R.randint(1, 65535):x}"
    pre = R.choice(["2001:db8", "2a02:8109", "2a01:4f8", "2003:e5", "2600:1f18", "2001:41d0"])
    return R.choice([f"{pre}:{h()}:{h()}:{h()}:{h()}:{h()}:{h()}", f"{pre}:{h()}:{h()}::{h()}",
                     f"{pre}:{h()}::{R.randint(1, 99)}", f"fe80::{h()}:{h()}:{h()}:{h()}", f"{pre}:{h()}:{h()}::{h()}:{h()}"])


def make_mac(form=None):
    h = R.choice(["001a2b", "3c5282", "b827eb", "f4f5d8", "a483e7", "080027", "dca632"]) + some(HEX, 6)
    form = form or R.choice([":", ":", "-", ".", "U"])
    pairs = [h[i:i + 2] for i in range(0, 12, 2)]
    if form == ".":
        return groups(h, 4, 4, 4, sep=".")
    return "-".join(pairs).upper() if form == "-" else ":".join(pairs).upper() if form == "U" else ":".join(pairs)


def make_imei(form=None):
    d = R.choice(["35", "86", "01", "99"]) + some(DIGITS, 12)
    d += str(next(k for k in range(10) if luhn_sum(d + str(k)) == 0))
    return d if form == "bare" or R.random() < .7 else groups(d, 2, 6, 6, 1, sep=R.choice(" -"))


def crc62(body):
    n, out = binascii.crc32(body.encode()), ""
    while n:
        n, r = divmod(n, 62)
        out = (DIGITS + UPPER + LOWER)[r] + out
    return out.rjust(6, "0")


def b64url(b):
    return base64.urlsafe_b64encode(b).decode().rstrip("=")


def make_pem(kind=None):
    kind = R.choice(["RSA ", "EC ", "OPENSSH ", ""])
    start = {"RSA ": "MIIEpAIBAAKCAQEA", "EC ": "MHcCAQEEI", "OPENSSH ": "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ", "": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"}[kind]
    n = R.randint(2, 6)
    body = start + some(ALNUM + "+/", 64 * n - len(start) - R.randint(2, 30))
    body += "=" * (-len(body) % 4 % 3)
    lines = [body[i:i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"])


def make_password(safe=False):
    words = "Sommer Winter Dragon Kaffee Monkey Marigold Tiger Fjord Sunset Oliver Paprika Mango Rocket Bella".split()
    end = "" if safe else R.choice(["!", "#", "?", "*", "!!", ""])
    return R.choice([R.choice(words) + str(R.randint(1970, 2025)) + end, some(ALNUM, 5) + R.choice("-_.") + some(ALNUM, 6),
                     R.choice(words).replace("o", "0").replace("a", "4") + R.choice("-_") + number(3) + end, some(ALNUM, R.randint(10, 20)),
                     R.choice(words).lower() + "-" + R.choice(words).lower() + "-" + number(2)])


def make_secret(kind="any"):
    if kind == "any":
        kind = R.choice(["aws", "gh", "pat", "slack", "stripe", "openai", "google", "hf", "gitlab", "sendgrid", "npm", "jwt"])
    if kind == "aws":
        return "AKIA" + some(UPPER + "234567", 16)
    if kind == "awssecret":
        return some(ALNUM + "/+", 38) + some(ALNUM, 2)
    if kind in ("gh", "npm"):
        body = some(ALNUM, 30)
        return ("ghp_" if kind == "gh" else "npm_") + body + crc62(body)
    if kind == "pat":
        return "github_pat_11" + some(UPPER + DIGITS, 20) + "_" + some(ALNUM, 59)
    if kind == "slack":
        return R.choice(["xoxb-", "xoxp-"]) + number(12) + "-" + number(13) + "-" + some(ALNUM, 24)
    if kind == "stripe":
        return R.choice(["sk_live_", "sk_live_51", "rk_live_"]) + some(ALNUM, R.choice([24, 40]))
    if kind == "openai":
        return R.choice(["sk-" + some(ALNUM, 20) + "T3BlbkFJ" + some(ALNUM, 20), "sk-proj-" + some(ALNUM, 24) + "T3BlbkFJ" + some(ALNUM + "_", 24) + some(ALNUM, 2)])
    if kind == "google":
        return "AIzaSy" + some(ALNUM + "-_", 32) + some(ALNUM, 1)
    if kind == "hf":
        return "hf_" + some(UPPER + LOWER, 34)
    if kind == "gitlab":
        return "glpat-" + some(ALNUM + "-_", 19) + some(ALNUM, 1)
    if kind == "sendgrid":
        return "SG." + some(ALNUM + "-_", 22) + "." + some(ALNUM + "-_", 42) + some(ALNUM, 1)
    if kind == "jwt":
        head = {"alg": R.choice(["HS256", "RS256"]), "typ": "JWT"}
        body = {"sub": number(8), "iat": 1700000000 + R.randrange(10 ** 7), "scope": R.choice(["read", "admin", "orders:write"])}
        return ".".join([b64url(json.dumps(x, separators=(",", ":")).encode()) for x in (head, body)] + [b64url(bytes(R.randrange(256) for _ in range(32)))])
    if kind == "key":
        return R.choice([some(HEX, 32), some(ALNUM, 32), some(HEX, 40), some(ALNUM, 24)])
    return make_pem() if kind == "pem" else make_password()


def make_cred():
    user = R.choice(["admin", "deploy", "app_user", "ci-bot", "svc-backup", "reporting", "postgres", plain(first("de")).lower(), plain(last("en")).lower()])
    return user + ":" + R.choice([make_password(safe=True), some(ALNUM, 16), "p%40ss" + number(4), make_password(safe=True)])


def make_ssn(form=None):
    s = f"{R.choice([R.randint(1, 665), R.randint(667, 772)]):03}-{R.randint(1, 99):02}-{R.randint(1, 9998):04}"
    return s.replace("-", "") if form == "bare" else s


def make_de_tax_id(form=None):
    while True:
        pool, times = list(DIGITS), R.choice([2, 2, 3])
        R.shuffle(pool)
        ten = [pool[0]] * times + pool[1:11 - times]
        R.shuffle(ten)
        d = "".join(ten)
        if d[0] != "0" and pool[0] * 3 not in d:
            break
    d += str(mod_11_10(d))
    return d if form == "bare" or R.random() < .5 else groups(d, 2, 3, 3, 3)


def make_dni(form=None):
    nie = form == "nie" or form is None and R.random() < .3
    lead = R.choice("XYZ") if nie else some("1234567", 1)
    body = lead + some(DIGITS, 7)
    c = "TRWAGMYFPDXBNJZSQVHLCKE"[int((str("XYZ".index(lead)) if nie else lead) + body[1:]) % 23]
    if nie:
        return R.choice([body + c, f"{lead}-{body[1:]}-{c}", body + c])
    return R.choice([body + c, body + "-" + c, f"{body[:2]}.{body[2:5]}.{body[5:]}-{c}", body + c])


def make_codice_fiscale():
    b = born()
    s = some("BCDFGLMNPRSTVZ", 3) + some("BCDFGLMNPRSTVZ", 2) + R.choice("AEIO" + "LNRST") + f"{b.year % 100:02}" + "ABCDEHLMPRST"[b.month - 1]
    s += f"{b.day + R.choice([0, 40]):02}" + R.choice(["H501", "F205", "L219", "A944", "D612", "F839", "G273", "Z404", "A662"])
    return s + cf_check(s)


def make_nir(form=None):
    b = born()
    dep = R.choice(["2A", "2B"]) if R.random() < .1 else R.choice(["75", "69", "13", "33", "59", "44", "31", "99", "67", "06"])
    body = R.choice("12") + f"{b.year % 100:02}{b.month:02}" + dep + f"{R.randint(1, 590):03}{R.randint(1, 999):03}"
    key = 97 - int(body.replace("2A", "19").replace("2B", "18") if dep[1] in "AB" else body) % 97
    s = f"{body}{key:02}"
    return s if form == "bare" or R.random() < .4 else groups(s, 1, 2, 2, 2, 3, 3, 2)


def make_nhs(form=None):
    while True:
        d = R.choice("4679") + some(DIGITS, 8)
        k = 11 - sum(int(c) * (10 - i) for i, c in enumerate(d)) % 11
        if k != 10:
            d += str(k % 11)
            return d if form == "bare" or R.random() < .3 else groups(d, 3, 3, 4, sep=R.choice("   -"))


def make_nino():
    while True:
        s = some("ABCEGHJKLMNOPRSTWXYZ", 1) + some("ABCEGHJKLMNPRSTWXYZ", 1) + some(DIGITS, 6) + some("ABCD", 1)
        if is_nino(s):
            return s if R.random() < .45 else groups(s, 2, 2, 2, 2, 1)


def make_bsn(form=None):
    while True:
        d = R.choice("1234567") + some(DIGITS, 8)
        if is_bsn(d):
            return d if form == "bare" or R.random() < .75 else R.choice([groups(d, 4, 2, 3, sep="."), groups(d, 3, 3, 3)])


def make_pesel():
    b = born()
    d = f"{b.year % 100:02}{b.month + (20 if b.year >= 2000 else 0):02}{b.day:02}" + some(DIGITS, 4)
    return d + str((10 - sum(int(c) * w for c, w in zip(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10) % 10)


def make_cpf(form=None):
    d = cpf_check(some(DIGITS, 9))
    return d if form == "bare" else f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"


def make_aadhaar(form=None):
    d = R.choice("23456789") + some(DIGITS, 10)
    d += str(next(k for k in range(10) if verhoeff(d + str(k)) == 0))
    return d if form == "bare" or R.random() < .3 else groups(d, 4, 4, 4, sep=R.choice("   -"))


def make_personnummer(form=None):
    b = born()
    d = f"{b.year % 100:02}{b.month:02}{b.day:02}" + f"{R.randint(1, 989):03}"
    d += str(next(k for k in range(10) if luhn_sum(d + str(k)) == 0))
    if R.random() < .5:
        d = str(b.year // 100) + d
    return d if form == "bare" else d[:-4] + "-" + d[-4:]


def make_hetu():
    b = born()
    d, n = f"{b.day:02}{b.month:02}{b.year % 100:02}", f"{R.randint(2, 899):03}"
    return d + ("A" if b.year >= 2000 else "-") + n + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(d + n) % 31]


def make_mrz(indent=""):
    lang, code = R.choice([("en", "GBR"), ("en", "USA"), ("de", "D<<"), ("fr", "FRA"), ("es", "ESP"), ("it", "ITA"), ("nl", "NLD"), ("pl", "POL"), ("sv", "SWE"), ("fi",
    "FIN"), ("in", "IND"), ("pt", "PRT")])
    given = [plain(first(lang)).upper() for _ in range(R.choice([1, 2]))]
    one = ("P<" + code + plain(last(lang)).upper() + "<<" + "<".join(given)).ljust(44, "<")
    b, e = born(), some_day(2025, 2034)
    no = R.choice([number(9), some("CFGHJKLMNPRTVWXYZ", 1) + some(DIGITS + "CFGHJK", 8), some(UPPER, 2) + number(6) + "<"])
    opt = "<" * 14 if R.random() < .6 else number(9).ljust(14, "<")
    b, e = f"{b:%y%m%d}", f"{e:%y%m%d}"
    two = no + mrz_digit(no) + code + b + mrz_digit(b) + R.choice("MF") + e + mrz_digit(e) + opt + (R.choice(["<", "0"]) if opt[0] == "<" else mrz_digit(opt))
    two += mrz_digit(two[:10] + two[13:20] + two[21:43])
    return one + "\n" + indent + two


LABELLED = {  # slot kind: (type, maker)
    "email": ("email", make_email), "phone": ("phone", make_phone), "address": ("address", make_address),
    "street": ("address", lambda c="any": make_address(c, "street")), "card": ("card", make_card), "iban": ("iban", make_iban), "crypto": ("crypto", make_crypto),
    "ip": ("ip", make_ip), "mac": ("mac", make_mac), "imei": ("imei", make_imei), "secret": ("secret", make_secret),
    "pw": ("secret", make_password), "cred": ("url_credentials", make_cred), "ssn": ("us_ssn", make_ssn), "taxid": ("de_tax_id", make_de_tax_id), "dni": ("es_dni", make_dni),
    "cf": ("it_codice_fiscale", make_codice_fiscale), "nir": ("fr_nir", make_nir), "nhs": ("uk_nhs", make_nhs), "nino": ("uk_nino", make_nino), "bsn": ("nl_bsn", make_bsn),
    "pesel": ("pl_pesel", make_pesel), "cpf": ("br_cpf", make_cpf), "aadhaar": ("in_aadhaar", make_aadhaar), "pnr": ("se_personnummer", make_personnummer),
    "hetu": ("fi_hetu", make_hetu), "mrz": ("passport_mrz", lambda n="0": make_mrz(" " * int(n))), "bd": ("birth_date", lambda lang, w=None: date_text(born(), lang, w == "word"))}


# ------------------------------------------------------------------------------------------------------- fillers
def ean13(prefix=""):
    d = prefix + some(DIGITS, 12 - len(prefix))
    return d + str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(d)) % 10)


def bad(kind, *args):
    """A value of that form whose check digit is wrong."""
    kind_type, maker = LABELLED[kind]
    while True:
        s = maker(*args)
        where = [i for i, c in enumerate(s) if c.isalnum()]
        if kind == "iban":
            i = where[R.choice([2, 3])]
        elif kind == "mrz":
            i = len(s) - 1
        else:
            i = where[-1]
        pool = DIGITS if s[i].isdigit() else (HEX[10:] if kind == "crypto" else UPPER if s[i].isupper() else "acdefghjk")
        t = s[:i] + R.choice(pool) + s[i + 1:]
        if not CHECKS[kind_type](t):
            return t


def clock(sep=":"):
    return f"{R.randint(6, 21):02}{sep}{R.choice(range(0, 60, 5)):02}"


def moment(form="iso"):
    d, t = some_day(2021, 2025), f"{R.randint(0, 23):02}:{R.randint(0, 59):02}:{R.randint(0, 59):02}"
    if form == "apache":
        return f"{d.day:02}/{MONTHS['en'].split()[d.month - 1][:3]}/{d.year}:{t} +0{R.randint(0, 2)}00"
    if form == "syslog":
        return f"{MONTHS['en'].split()[d.month - 1][:3]} {d.day:2} {t}"
    return f"{d}T{t}Z" if form == "iso" else f"{d} {t},{R.randint(0, 999):03}" if form == "py" else f"{d} {t}"


def money(lang="en", most=4000):
    n = R.randint(500, int(most) * 100)
    s = f"{n / 100:,.2f}"
    return s if lang in ("en", "in") else s.replace(",", " ").replace(".", ",") if lang in ("fr", "pl", "sv", "fi") else s.replace(",", "x").replace(".", ",").replace("x", ".")


COMPANIES = "Nordlicht Energie;Brightwater Ltd;Atelier Verde;Kestrel Logistics;Moulin & Fils;Talgo Seguros;Polbit;Aurinko Oy;Sjövik AB;Delta Wonen;Banco Azul;Tritone Srl".split(";")
FILLER = {
    "first": first, "last": last, "name": lambda lang="en": first(lang) + " " + last(lang), "int": lambda a, b: str(R.randint(int(a), int(b))),
    "int2": lambda a, b: f"{R.randint(int(a), int(b)):02}", "digits": lambda n: number(int(n)), "hex": lambda n: some(HEX, int(n)), "HEX": lambda n: some(HEX, int(n)).upper(),
    "up": lambda n: some(UPPER, int(n)), "alnum": lambda n: some(ALNUM, int(n)), "code": lambda n: some("ABCDEFGHJKLMNPRSTUVWXYZ" + DIGITS, int(n)),
    "uuid": lambda: groups(some(HEX, 12) + "4" + some(HEX, 3) + "a" + some(HEX, 15), 8, 4, 4, 4, 12, sep="-"), "b64": lambda n: some(ALNUM + "+/", int(n)),
    "date": lambda lang="iso", w=None: date_text(some_day(2020, 2025), lang, w == "word"), "past": lambda lang="en", w=None: date_text(some_day(1890, 2005), lang, w == "word"),
    "time": clock, "at": moment, "money": money, "pick": lambda *a: R.choice(" ".join(a).split("|")), "company": lambda: R.choice(COMPANIES),
    "year": lambda a="1990", b="2024": str(R.randint(int(a), int(b))), "isbn": lambda: groups(ean13(R.choice(["978",
    "979"])), 3, 1, 4, 4, 1, sep="-"), "ean": lambda: ean13(R.choice(["40", "30", "76", "87", "50"])),
    "float": lambda a, b, n="2": f"{R.uniform(float(a), float(b)):.{n}f}", "bad": bad}


# ------------------------------------------------------------------------------------------------ the documents
DOCUMENTS = r'''
=== en_mail_move | en | customer mail
Hi team,

we moved house on <<date uk>>. Please send future invoices to <<address uk>>. My mobile is still <<phone gb nat>>,
and you can reach me at <<email en>> as well.

Thanks,
<<name en>>
Customer no. <<digits 7>>
=== en_mail_refund | en | customer mail
Subject: Refund for order <<up 2>>-<<digits 6>>

Hello, the blender I bought for $<<money en 300>> arrived broken. Please refund to my card <<card>> (exp. 0<<int 1 9>>/27).
If you need anything call <<phone us nat>> between 9 and 5, or write to <<email en>>.
<<name en>>
=== en_mail_signature | en | mail signature
Kind regards

<<name en>>
Senior <<pick Account Manager|Engineer|Buyer|Planner>>, <<company>>
T: <<phone gb>>
M: <<phone gb int>>
E: <<email en>>
<<address uk>>
=== en_us_signature | en | mail signature
--
<<name en>> | <<company>>
Office <<phone us nat>> ext. <<int 100 899>> | Cell <<phone us nat>>
<<address us>>
=== en_chat_bank | en | chat log
[<<time>>] <<first en>>: which account should I use for the deposit?
[<<time>>] <<first en>>: <<iban GB>>
[<<time>>] <<first en>>: and if that fails the one in Dublin, <<iban IE>>
[<<time>>] <<first en>>: ok, sent £<<money en 900>>
=== en_chat_crypto | en | chat log
<<first en>>: did the payout arrive?
<<first en>>: no, which wallet did you use
<<first en>>: <<crypto btc>>
<<first en>>: that's the old one!! use <<crypto btc>> from now on, min <<int 2 6>> confirmations
=== en_hr_onboarding_us | en | HR form
NEW HIRE RECORD
Name: <<name en>>
SSN: <<ssn>>
Date of birth: <<bd us>>
Home address: <<address us>>
Phone: <<phone us nat>>
Personal email: <<email en>>
Start date: <<date us>>
Salary: $<<int 45 130>>,000
=== en_w2_text | en | tax form
Form W-2 Wage and Tax Statement <<year 2019 2024>>
a Employee's social security number <<ssn>>
c Employer: <<company>>, <<address us>>
1 Wages, tips <<money en 90000>>   2 Federal income tax withheld <<money en 12000>>
=== en_json_customer_us | en | JSON
{
  "customer_id": <<digits 6>>,
  "name": "<<name en>>",
  "email": "<<email en>>",
  "phone": "<<phone us>>",
  "ssn": "<<ssn>>",
  "dob": "<<bd iso>>",
  "created_at": "<<at>>"
}
=== en_csv_ssn | en | CSV
employee_id,last_name,ssn,birth_date,department
%4-7%<<int 1000 9999>>,<<last en>>,<<ssn>>,<<bd iso>>,<<pick Sales|IT|Legal|Ops>>
=== en_transcript_ssn | en | call-centre transcript
AGENT: Can I have your social security number for verification?
CALLER: Sure, <<ssn>>.
AGENT: And your date of birth?
CALLER: <<bd us>>.
AGENT: Thank you. Is <<phone us nat>> still the best phone number?
CALLER: Yes, and the mailing address is <<address us>>.
=== en_sql_ssn | en | SQL
INSERT INTO applicants (id, full_name, ssn, email) VALUES
  (<<int 10 999>>, '<<name en>>', '<<ssn bare>>', '<<email en>>'),
  (<<int 10 999>>, '<<name en>>', '<<ssn bare>>', '<<email en>>');
-- SSN stored without dashes since v<<int 2 5>>
=== en_loan | en | loan application
Loan application <<digits 6>>
Borrower <<name en>> (SSN <<ssn>>) born <<bd us>>, residing at <<address us>>, requests $<<int 5 90>>,000 over <<int 24 72>> months.
Employer phone: <<phone us nat>>
=== en_background_check | en | background check
Subject: <<name en>>
DOB <<bd ushort>>   SSN <<ssn bare>>
County search: no records found
Requested by <<email en>> on <<date us>>
=== en_debug_ssn | en | application log
<<at py>> DEBUG form.validate field=ssn value=<<ssn>> ok=true
<<at py>> DEBUG form.validate field=zip value=<<digits 5>> ok=true
<<at py>> INFO  submit user_email=<<email en>> client=<<ip 4>> took <<int 20 900>> ms
=== en_nhs_letter | en | medical letter
Dear Dr <<last en>>,

Re: <<name en>>, d.o.b. <<bd uk>>, NHS No: <<nhs>>
<<address uk>>

Thank you for referring this patient, who attended clinic on <<date uk>>. Blood pressure was <<int 110 150>>/<<int 70 95>>.
Follow-up in <<int 4 12>> weeks.
=== en_nhs_csv | en | CSV
nhs_number,surname,date_of_birth,ward
%4-7%<<nhs bare>>,<<last en>>,<<bd slash>>,<<int 1 14>>
=== en_nhs_json | en | JSON
{"resourceType": "Patient", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "<<nhs bare>>"}], "gender": "<<pick male|female>>", "birthDate": "<<bd iso>>"}
=== en_nhs_discharge | en | medical letter
DISCHARGE SUMMARY
Patient: <<last en>>, <<first en>>     NHS number <<nhs>>
DOB: <<bd uk>>          Admitted: <<date uk>>
GP surgery tel. <<phone gb nat>>
Medication: Ramipril <<pick 2.5|5|10>> mg once daily
=== en_nhs_call | en | call-centre transcript
Nurse: could I take the NHS number off the letter, please?
Patient: yes it's <<nhs>>
Nurse: and your date of birth is <<bd uk word>>?
Patient: that's right. My daughter's number is <<phone gb nat>> if you can't get through to me.
=== en_nhs_sql | en | SQL
UPDATE patient SET nhs_no = '<<nhs bare>>', gp_code = '<<up 1>><<digits 5>>' WHERE patient_id = <<digits 5>>;
UPDATE patient SET nhs_no = '<<nhs bare>>', gp_code = '<<up 1>><<digits 5>>' WHERE patient_id = <<digits 5>>;
=== en_nhs_ticket | en | support ticket
Ticket #<<digits 5>> - duplicate record
Two entries for the same patient: NHS no. <<nhs>> (correct) and NHS no. <<nhs>> (created by mistake on <<date uk>>).
Please merge. Questions to <<email en>>.
=== en_nhs_md | en | markdown table
| Patient | NHS Number | Vaccine | Batch |
|---|---|---|---|
%2-4%| <<name en>> | <<nhs>> | <<pick MMR|Flu|HPV>> | <<up 2>><<digits 4>> |
=== en_nhs_xml | en | XML
<patient>
  <nhsNumber><<nhs bare>></nhsNumber>
  <familyName><<last en>></familyName>
  <dateOfBirth><<bd iso>></dateOfBirth>
  <telecom>tel:<<phone gb int>></telecom>
</patient>
=== en_nino_payroll | en | payslip
<<company>> - Payslip month <<int 1 12>>
Employee <<name en>>   NI number: <<nino>>   Tax code 1257L
Gross £<<money en>>   Net £<<money en>>
Paid into <<iban GB>>
=== en_nino_form | en | HR form
Full name: <<name en>>
National Insurance number: <<nino>>
Date of birth: <<bd uk>>
Address: <<address uk>>
=== en_nino_letter | en | authority letter
HM Revenue & Customs
Our ref <<digits 3>>/<<up 2>><<digits 4>>
Your NINO <<nino>>
Dear <<name en>>, we have changed your tax code from <<date uk>>. Helpline: <<phone gb nat>>.
=== en_nino_csv | en | CSV
payroll_no;name;ni_number;hours
%3-6%<<digits 4>>;<<name en>>;<<nino>>;<<float 10 40 1>>
=== en_nino_chat | en | chat log
<<first en>> (HR): I still need your NI number for the pension
<<first en>>: <<nino>>
<<first en>> (HR): ta. and bank?
<<first en>>: <<iban GB>>
=== en_nino_yaml | en | YAML
employee:
  id: <<digits 5>>
  name: <<name en>>
  nino: <<nino>>
  email: <<email en>>
  phone: "<<phone gb int>>"
=== en_nino_tenancy | en | contract
ASSURED SHORTHOLD TENANCY
The Tenant: <<name en>>, born <<bd uk word>>, National Insurance No <<nino>>
The Property: <<address uk>>
Rent: £<<int 700 1900>> per calendar month, payable to <<iban GB>>
=== en_nino_transcript | en | call-centre transcript
Advisor: and the national insurance number, please?
Customer: one sec... <<nino>>
Advisor: Lovely. I'm sending the form to <<email en>>, is that right?
=== en_nginx | en | server log
%3-6%<<ip any>> - - [<<at apache>>] "GET /<<pick shop|blog|api/v1/items|login>> HTTP/1.1" <<pick 200|301|404>> <<int 100 9000>> "-" "Mozilla/5.0 (X11; Linux x86_64; rv:<<int 90 128>>.0)"
=== en_sshd | en | server log
<<at syslog>> host<<int 1 9>> sshd[<<digits 5>>]: Failed password for invalid user admin from <<ip 4>> port <<int 30000 60000>> ssh2
<<at syslog>> host<<int 1 9>> sshd[<<digits 5>>]: Accepted publickey for deploy from <<ip any>> port <<int 30000 60000>> ssh2
=== en_iptables | en | shell script
#!/bin/sh
iptables -A INPUT -s <<ip net>>/24 -p tcp --dport 22 -j ACCEPT
iptables -A INPUT -s <<ip 4>> -j DROP
iptables -A FORWARD -d <<ip priv>> -p tcp --dport 443 -j ACCEPT
=== en_hosts | en | config
127.0.0.1   localhost
::1         localhost ip6-localhost
<<ip priv>>   db01.internal db01
<<ip priv>>   cache01.internal
<<ip 6>>   v6gw.internal
=== en_inventory | en | YAML
all:
  hosts:
    web1:
      ansible_host: <<ip 4>>
      ansible_user: deploy
    web2:
      ansible_host: <<ip 4>>
  vars:
    ntp_server: <<ip priv>>
=== en_cloudtrail | en | JSON
{"eventTime": "<<at>>", "eventName": "ConsoleLogin", "sourceIPAddress": "<<ip 4>>", "userAgent": "aws-cli/2.<<int 1 15>>.<<int 0 9>>", "requestParameters": {"accessKeyId": "<<secret aws>>"}}
=== en_fw_csv | en | CSV
timestamp,src_ip,src_port,dst_ip,dst_port,action
%3-5%<<at>>,<<ip 4>>,<<int 1024 65000>>,<<ip priv>>,<<pick 22|80|443|3389>>,<<pick allow|deny>>
=== en_received | en | mail headers
Received: from mx.example.net (mx.example.net [<<ip 4>>])
	by mail.example.org with ESMTPS; <<date uk>>
From: <<name en>> <<<email en>>>
To: <<email en>>
X-Originating-IP: [<<ip any>>]
Subject: Minutes
=== en_wireguard | en | config
[Interface]
Address = <<ip priv>>/24
DNS = <<ip priv>>

[Peer]
Endpoint = <<ip pub>>:51820
AllowedIPs = 0.0.0.0/0, ::/0
=== en_dns_zone | en | config
$TTL 3600
@       IN  NS   ns1.example.net.
www     IN  A    <<ip 4>>
www     IN  AAAA <<ip 6>>
mail    IN  A    <<ip 4>>
=== en_ipconfig | en | forum post
my wifi keeps dropping, here is the output

   Physical Address. . . . . . . . . : <<mac ->>
   IPv4 Address. . . . . . . . . . . : <<ip priv>>
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . : <<ip priv>>

any ideas?
=== en_netstat | en | terminal output
Proto Local Address           Foreign Address         State
tcp   <<ip priv>>:<<int 1024 60000>>   <<ip pub>>:443   ESTABLISHED
tcp   127.0.0.1:5432          0.0.0.0:*               LISTEN
tcp6  [<<ip 6>>]:<<int 1024 60000>>   [<<ip 6>>]:443   TIME_WAIT
=== en_terraform_cidr | en | code
resource "aws_security_group_rule" "office" {
  type        = "ingress"
  from_port   = 22
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = ["<<ip 4>>/32", "<<ip net>>/24"]
}
=== en_ticket_ip | en | support ticket
User reports a lockout at <<time>>. Logins came from <<ip 4>> and, a minute later, from <<ip any>>, which is not one of our VPN exits.
Blocked both, informed the user (<<email en>>).
=== en_prometheus | en | YAML
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['<<ip priv>>:9100', '<<ip priv>>:9100', '[<<ip 6>>]:9100']
=== en_url_ip | en | chat log
<<first en>>: staging is at http://<<ip 4>>:8080/admin now
<<first en>>: and grafana?
<<first en>>: https://<<ip priv>>/grafana, from the vpn only
=== en_dhcp | en | server log
<<at syslog>> dhcpd: DHCPREQUEST for <<ip priv>> from <<mac :>> via eth0
<<at syslog>> dhcpd: DHCPACK on <<ip priv>> to <<mac :>> (laptop-<<int 10 99>>) via eth0
=== en_arp | en | terminal output
Address           HWtype  HWaddress           Flags Iface
%2-4%<<ip priv>>      ether   <<mac :>>   C     eth<<int 0 2>>
=== en_switch | en | terminal output
switch<<int 1 9>># show mac address-table
Vlan    Mac Address       Type        Ports
%3-5% <<int 10 99>>     <<mac .>>    DYNAMIC     Gi1/0/<<int 1 48>>
=== en_mac_csv | en | CSV
asset_tag,model,mac_address,assigned_to
%3-5%AT-<<digits 4>>,<<pick Latitude 5440|ThinkPad T14|MacBook Air>>,<<mac>>,<<name en>>
=== en_mac_wifi | en | support ticket
The printer on floor <<int 1 9>> (MAC <<mac>>) does not get a lease. I whitelisted <<mac>> on the guest WLAN instead.
=== en_mac_json | en | JSON
{"device": "sensor-<<int 1 99>>", "mac": "<<mac>>", "rssi": -<<int 40 90>>, "battery": <<float 2.8 3.3>>, "gateway": "<<ip priv>>"}
=== en_mac_ifconfig | en | terminal output
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
	ether <<mac :>>
	inet <<ip priv>> netmask 0xffffff00
	status: active
=== en_env_file | en | config
APP_ENV=production
DEBUG=false
DATABASE_URL=postgres://<<cred>>@db.internal:5432/app
STRIPE_SECRET_KEY=<<secret stripe>>
SENDGRID_API_KEY=<<secret sendgrid>>
CACHE_TTL=<<int 60 900>>
=== en_aws_credentials | en | config
[default]
aws_access_key_id = <<secret aws>>
aws_secret_access_key = <<secret awssecret>>
region = eu-central-1
=== en_py_secret | en | code
import requests

API_KEY = "<<secret key>>"
TIMEOUT = <<int 5 60>>

def fetch(n):
    return requests.get(f"https://api.example.com/v2/items/{n}", headers={"X-Api-Key": API_KEY}, timeout=TIMEOUT)
=== en_ci_yaml | en | YAML
deploy:
  stage: deploy
  variables:
    GITLAB_TOKEN: <<secret gitlab>>
    NPM_TOKEN: "<<secret npm>>"
  script:
    - ./deploy.sh --env staging
=== en_slack_leak | en | chat log
<<first en>> [<<time>>] bot is failing with invalid_auth
<<first en>> [<<time>>] are you using this one? <<secret slack>>
<<first en>> [<<time>>] pls don't paste tokens here, rotating it
=== en_curl_gh | en | terminal output
$ curl -H "Authorization: token <<secret gh>>" https://api.github.com/user/repos?per_page=<<int 10 100>>
HTTP/2 200
x-ratelimit-remaining: <<int 10 4999>>
=== en_jwt_log | en | application log
<<at py>> WARN auth: rejected bearer <<secret jwt>> reason=expired
<<at py>> INFO auth: client <<ip 4>> retried, status=401
=== en_openai_nb | en | code
from openai import OpenAI
client = OpenAI(api_key="<<secret openai>>")
# hugging face fallback
HF_TOKEN = '<<secret hf>>'
=== en_google_js | en | code
const map = new Loader({ apiKey: "<<secret google>>", version: "weekly" });
export const config = { retries: <<int 1 5>>, region: "eu" };
=== en_pem_file | en | key file
# deploy key for build<<int 1 20>>.internal
<<secret pem>>
=== en_pem_k8s | en | forum post
I get "bad permissions" when I use this key, what is wrong?

<<secret pem>>

ssh -V says OpenSSH_9.<<int 0 9>>p1
=== en_pw_mail | en | customer mail
Hi <<first en>>,
your account is ready.
Username: <<first en>><<int 1 99>>
Password: <<pw>>
Please change it after the first login.
=== en_ini_pw | en | config
[smtp]
host = mail.example.org
port = 587
user = <<email en>>
password = <<pw>>
starttls = yes
=== en_git_pat | en | shell script
export GITHUB_TOKEN=<<secret pat>>
git config --global user.email <<email en>>
make release VERSION=<<int 1 9>>.<<int 0 20>>.<<int 0 9>>
=== en_compose_cred | en | YAML
services:
  worker:
    image: registry.example.com/worker:<<int 1 9>>.<<int 0 30>>
    environment:
      AMQP_URL: amqp://<<cred>>@rabbit:5672/prod
      MONGO_URI: mongodb+srv://<<cred>>@cluster0.mongo.example.net/app?retryWrites=true
=== en_curl_cred | en | shell script
curl -sf https://<<cred>>@files.example.com/backup/latest.tar.gz -o /tmp/latest.tar.gz
tar xzf /tmp/latest.tar.gz -C /srv
=== en_pip_cred | en | config
[global]
index-url = https://<<cred>>@pypi.example.org/simple
timeout = <<int 10 60>>
=== en_log_cred | en | application log
<<at py>> ERROR pool: could not connect to mysql://<<cred>>@<<ip priv>>:3306/orders (timeout after <<int 3 30>>s)
=== en_rtsp_cred | en | forum post
VLC plays rtsp://<<cred>>@<<ip priv>>:554/stream1 fine but Frigate shows a black picture. Firmware is from <<date en>>.
=== en_git_remote | en | terminal output
$ git remote -v
origin  https://<<cred>>@git.example.com/team/app.git (fetch)
=== en_ftp_chat | en | chat log
<<first en>>: where do I upload the artwork
<<first en>>: ftp://<<cred>>@ftp.printhouse.example/in/
=== en_proxy_cred | en | shell script
export http_proxy=http://<<cred>>@proxy.corp.example:3128
export no_proxy=localhost,127.0.0.1
=== en_py_cred | en | code
engine = create_engine("postgresql+psycopg2://<<cred>>@pg.example.com/warehouse", pool_size=<<int 2 20>>)
=== en_imei_claim | en | insurance claim
Claim <<digits 7>>: phone stolen on <<date uk>> at the station.
Device: Galaxy S2<<int 1 4>>, IMEI <<imei>>, bought for £<<money en 900>>.
Police ref <<digits 2>>/<<digits 5>>/23. Contact: <<email en>>
=== en_imei_csv | en | CSV
imei,model,os_version,last_seen
%3-6%<<imei bare>>,<<pick Pixel 7|iPhone 13|Moto G54>>,<<int 11 17>>,<<date iso>>
=== en_imei_json | en | JSON
{"device": {"imei": "<<imei bare>>", "model": "SM-A5<<int 10 99>>B", "wifi_mac": "<<mac :>>"}, "status": "enrolled"}
=== en_imei_shop | en | invoice
Receipt <<digits 6>>   <<date uk>>
1 x Smartphone 128 GB   IMEI: <<imei>>   £<<money en 900>>
1 x Case                                   £<<money en 30>>
Paid by card <<card>>
=== en_imei_dual | en | forum post
*#06# shows IMEI 1: <<imei>> and IMEI 2: <<imei>> but the box only has the first one. Is that normal?
=== en_mrz_scan | en | OCR output
PASSPORT page 2 - confidence <<float 0.9 0.99>>
<<mrz>>
=== en_mrz_checkin | en | hotel check-in
Room <<int 101 499>>, arrival <<date uk>>, <<int 1 9>> nights
Passport scan:
<<mrz>>
Mobile: <<phone any int>>
=== en_mrz_yaml | en | YAML
traveller:
  name: <<name en>>
  mrz: |
    <<mrz 4>>
  seat: <<int 1 30>>C
=== en_mrz_mail | en | customer mail
Hello, for the visa you asked for the two lines at the bottom of my passport:

<<mrz>>

I was born on <<bd uk word>>. Best, <<name en>>
=== en_mrz_xml | en | XML
<document type="passport">
<mrz><<mrz>></mrz>
<expires><<date iso>></expires>
</document>
=== en_mrz_test | en | code
SAMPLE = """\
<<mrz>>
"""

def test_parse():
    assert parse(SAMPLE).ok
=== en_school_letter | en | school letter
Dear parents of <<name en>>,

our records show your child was born on <<bd uk>> and lives at <<address uk>>. Please correct any mistakes by <<date uk>>.
The office can be reached on <<phone gb nat>> or <<email en>>.
=== en_genealogy | en | forum post
Looking for relatives: my uncle <<name en>>, born <<bd uk word>>, emigrated in <<year 1955 1985>>. Last known address was <<address au>>.
=== en_calendar | en | calendar entry
BEGIN:VEVENT
DTSTART:20250<<int 1 9>>1<<int 0 9>>T090000Z
SUMMARY:Viewing with <<name en>>
LOCATION:<<address ie>>
DESCRIPTION:Call <<phone ie>> on arrival
ORGANIZER:mailto:<<email en>>
END:VEVENT
=== en_vcard | en | contact card
BEGIN:VCARD
VERSION:3.0
FN:<<name en>>
TEL;TYPE=CELL:<<phone any int>>
EMAIL:<<email en>>
BDAY:<<bd iso>>
END:VCARD
=== en_contacts_world | en | contact list
Offices (phone)
%5-8%- <<company>>: <<phone any int>>
=== en_contacts_nat | en | markdown table
| Office | Phone | Contact |
|---|---|---|
%3-5%| <<company>> | <<phone any>> | <<name en>> |
=== en_phone_csv | en | CSV
id,contact,mobile,city_code
%4-6%<<int 1 999>>,<<name en>>,<<phone any>>,<<up 3>>
=== en_au_claim | en | insurance claim
Policy holder: <<name en>>, DOB <<bd uk>>, <<address au>>
Phone <<phone au nat>>; hail damage on <<date uk>>, estimated A$<<money en>>.
=== en_nz_za | en | customer mail
Please ring our <<pick Auckland|Wellington>> desk on <<phone nz nat>>, or the Johannesburg team by phone: <<phone za nat>>. Singapore hotline: <<phone sg nat>>.
=== en_asia_sms | en | chat log
<<first en>>: landing at <<time>>, new SIM is <<phone jp int>>
<<first en>>: I am on <<phone kr int>> until <<date en>>, then <<phone cn int>>
=== en_card_transcript | en | call-centre transcript
Agent: I can take the payment over the phone. Card number?
Caller: <<card>>
Agent: Expiry?
Caller: 0<<int 1 9>>/28
Agent: That's gone through, £<<money en 400>>.
=== en_card_log | en | application log
<<at py>> ERROR gateway: declined pan=<<card bare>> amount=<<money en 400>> currency=USD code=05
=== en_card_csv | en | CSV
order,card_number,exp,amount
%3-6%<<digits 6>>,<<card>>,0<<int 1 9>>/2<<int 6 9>>,<<float 5 300>>
=== en_crypto_ransom | en | forum post
Got one of these mails: "send 0.<<int 10 90>> BTC to <<crypto btc>> within 48 hours". Anyone else got that address?
=== en_crypto_config | en | config
[mining]
pool = stratum+tcp://pool.example.com:3333
payout_address = <<crypto>>
threads = <<int 2 16>>
=== en_crypto_json | en | JSON
{"from": "<<crypto eth>>", "to": "<<crypto eth>>", "value": "<<digits 9>>", "gas": 21000, "nonce": <<int 1 400>>}
=== en_crypto_sol | en | code
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.<<int 10 25>>;

contract Vault {
    address constant OWNER = <<crypto eth>>;
    uint256 public fee = <<int 10 300>>;
}
=== en_crypto_donate | en | README
## Donate
- BTC: `<<crypto btc>>`
- ETH: `<<crypto eth>>`
Thanks to all <<int 10 300>> backers!
=== en_crypto_csv | en | CSV
tx,wallet,amount,confirmed
%2-5%<<int 100 999>>,<<crypto>>,<<float 0.01 3 4>>,<<at>>
=== en_crypto_invoice | en | invoice
Invoice <<digits 5>> - <<company>>
Amount due: <<float 0.01 0.9 4>> BTC
Pay to: <<crypto btc>>
Or by SEPA: <<iban>>
=== en_visa_phone | en | travel form
Emergency contact: <<name en>>
Telephone: <<phone any int>>
Address abroad: <<address any>>
Born: <<bd en>>
=== en_multi_staff | en | TSV
name	date_of_birth	email	office
%3-5%<<name en>>	<<bd iso>>	<<email en>>	<<int 1 9>>.<<int 10 40>>
=== en_property | en | property listing
For sale: 3 bed house, <<address us>>. <<int 1100 3200>> sq ft, built <<year 1950 2015>>. Open house <<date us>>, call <<phone us nat>> to register.
=== en_delivery_log | en | application log
<<at>> route <<int 1 40>> stop <<int 1 60>> addr="<<address any>>" status=delivered weight=<<float 0.2 20>>kg
<<at>> route <<int 1 40>> stop <<int 1 60>> addr="<<address any>>" status=not_home retries=<<int 1 3>>
=== en_ca_letter | en | authority letter
Notice of assessment
<<name en>>
<<street ca>>
Amount owing: $<<money en 900>> by <<date en>>. Questions? Call <<phone ca nat>>.
=== in_kyc_mail | en-IN | customer mail
Dear Sir, my KYC is pending. Aadhaar No: <<aadhaar>>, mobile <<phone in nat>>, DOB <<bd in>>. Kindly update at the earliest.
Regards, <<name in>>
<<address in>>
=== in_kyc_csv | en-IN | CSV
sl_no,name,aadhaar_no,mobile,branch
%4-7%<<int 1 400>>,<<name in>>,<<aadhaar bare>>,<<phone in int>>,<<up 4>>
=== in_kyc_json | en-IN | JSON
{"applicant": "<<name in>>", "aadhaar": "<<aadhaar>>", "dob": "<<bd in>>", "consent": true}
=== in_hospital | en-IN | medical form
IPD ADMISSION FORM
Patient: <<name in>>   Age/Sex: <<int 18 80>>/<<pick M|F>>
Aadhaar: <<aadhaar>>
Address: <<address in>>
Attendant phone: <<phone in nat>>
=== in_chat_sim | en-IN | chat log
<<first in>>: for SIM activation they want aadhar card number
<<first in>>: send na, Aadhaar <<aadhaar>>
<<first in>>: and alternate number?
<<first in>>: <<phone in int>>
=== in_hr_form | en-IN | HR form
Employee joining form
Name: <<name in>>
Aadhaar number: <<aadhaar>>
Date of Birth: <<bd in>>
Present address: <<address in>>
Email: <<email in>>
=== in_school | en-IN | school letter
Admission granted to <<name in>> (born <<bd in>>) in class <<int 1 10>>. Aadhaar of the student: <<aadhaar>>; of the father: Aadhaar <<aadhaar>>. Fees Rs <<int 5 40>>,000 payable by <<date in>>.
=== in_sql | en-IN | SQL
INSERT INTO beneficiary (id, name, aadhaar, scheme_code) VALUES (<<digits 5>>, '<<name in>>', '<<aadhaar bare>>', 'PM<<int 10 99>>');
INSERT INTO beneficiary (id, name, aadhaar, scheme_code) VALUES (<<digits 5>>, '<<name in>>', '<<aadhaar bare>>', 'PM<<int 10 99>>');
=== in_xml | en-IN | XML
<Beneficiary>
  <Name><<name in>></Name>
  <AadhaarNumber><<aadhaar bare>></AadhaarNumber>
  <DOB><<bd iso>></DOB>
</Beneficiary>
=== in_yaml | en-IN | YAML
tenant:
  name: <<name in>>
  aadhaar: "<<aadhaar>>"
  phone: "<<phone in int>>"
  rent: <<int 8 45>>000
=== in_md | en-IN | markdown table
| Name | Aadhaar | Village code |
|------|---------|--------------|
%3-5%| <<name in>> | <<aadhaar>> | <<digits 4>> |
=== in_transcript | en-IN | call-centre transcript
Executive: Ma'am, kindly tell me the twelve digits of your Aadhaar.
Customer: <<aadhaar>>
Executive: Thank you. And date of birth as per Aadhaar?
Customer: <<bd in>>
=== in_insurance | en-IN | insurance claim
Claim form part A. Insured: <<name in>>, Aadhaar <<aadhaar>>, policy <<up 3>><<digits 6>>.
Hospitalised from <<date in>>; amount claimed Rs <<money in 90000>>. Correspondence: <<address in>>
=== in_pf_forum | en-IN | forum post
My PF claim was rejected because name on Aadhaar does not match. Aadhaar no. <<aadhaar>>, date of joining <<date in>>. What documents are needed?
=== in_log | en-IN | application log
<<at py>> INFO ekyc request aadhaar=<<aadhaar bare>> txn=<<hex 16>> ip=<<ip 4>>
<<at py>> INFO ekyc response aadhaar=<<aadhaar bare>> result=Y time=<<int 80 900>>ms
=== in_ticket | en-IN | support ticket
Ticket <<digits 6>>: name mismatch
User <<email in>> uploaded Aadhaar <<aadhaar>> but PAN shows another spelling. Please call back on <<phone in nat>>.
=== in_rent_agreement | en-IN | contract
This Rent Agreement is made between <<name in>> (Aadhaar No. <<aadhaar>>) and <<name in>> (Aadhaar No. <<aadhaar>>) for the flat at <<address in>> for 11 months.
=== in_scholarship | en-IN | form
Scholarship application <<year 2021 2025>>
Applicant Aadhaar: <<aadhaar>>
Date of birth: <<bd in>>
Marks: <<int 300 490>>/500
=== in_tsv | en-IN | TSV
Aadhaar Number	Name	Ration shop
%3-5%<<aadhaar>>	<<name in>>	<<digits 3>>
=== in_police | en-IN | form
TENANT VERIFICATION
Name <<name in>>, S/o <<name in>>, Aadhaar card no <<aadhaar>>, permanent address <<address in>>, contact no. <<phone in nat>>
'''

DOCUMENTS += r'''
=== de_mail_umzug | de | customer mail
Sehr geehrte Damen und Herren,

ich bin zum <<date de>> umgezogen. Meine neue Anschrift lautet <<address de>>. Telefonisch erreichen Sie mich unter <<phone de nat>>.
Bitte buchen Sie den Beitrag künftig von <<iban DE>> ab.

Mit freundlichen Grüßen
<<name de>>
=== de_signatur | de | mail signature
<<name de>>
<<pick Vertrieb|Einkauf|Buchhaltung>>
<<company>>
<<address de>>
Tel. <<phone de>> | Fax <<phone de nat>>
<<email de>>
=== de_steuer_brief | de | authority letter
Finanzamt <<pick Köln|Leipzig|Kiel>>
Steuernummer <<digits 2>>/<<digits 3>>/<<digits 5>>
Identifikationsnummer (IdNr): <<taxid>>
Sehr geehrte Frau <<last de>>, für das Jahr <<year 2018 2024>> ergibt sich eine Erstattung von <<money de>> EUR auf das Konto <<iban DE>>.
=== de_personalbogen | de | HR form
Personalfragebogen
Name: <<name de>>
Geburtsdatum: <<bd de>>
Anschrift: <<address de>>
Steuer-ID: <<taxid>>
IBAN: <<iban DE>>
Eintritt: <<date de>>
=== de_steuer_csv | de | CSV
personalnr;nachname;steuer_id;geburtsdatum;steuerklasse
%4-7%<<digits 4>>;<<last de>>;<<taxid bare>>;<<bd dot>>;<<int 1 6>>
=== de_steuer_json | de | JSON
{"mitarbeiter": {"name": "<<name de>>", "steuerId": "<<taxid bare>>", "iban": "<<iban DE bare>>", "email": "<<email de>>"}}
=== de_elster_xml | de | XML
<Steuerfall>
  <IdNr><<taxid bare>></IdNr>
  <Geburtsdatum><<bd dot>></Geburtsdatum>
  <Zeitraum><<year 2018 2024>></Zeitraum>
</Steuerfall>
=== de_lohn | de | payslip
Entgeltabrechnung <<int2 1 12>>/<<year 2020 2025>>
<<name de>>   Pers.-Nr. <<digits 5>>   Steuer-IdNr. <<taxid>>
Brutto <<money de>>   Netto <<money de>>
Überweisung an <<iban DE>>
=== de_kindergeld | de | authority letter
Familienkasse, Kindergeldantrag
Kind: <<name de>>, geboren am <<bd de>>, steuerliche Identifikationsnummer <<taxid>>
Antragsteller: <<name de>>, Steuer-ID <<taxid>>, wohnhaft <<address de>>
=== de_freistellung | de | bank form
Freistellungsauftrag für Kapitalerträge
Gläubiger: <<name de>>, geb. <<bd de>>
Steuer-Identifikationsnummer: <<taxid>>
Betrag: <<int 1 10>>00 EUR, gültig ab <<date de>>
=== de_chat_steuer | de | chat log
<<first de>>: die Lohnbuchhaltung braucht noch deine Steuer-ID
<<first de>>: moment.. <<taxid>>
<<first de>>: danke! und Konto?
<<first de>>: <<iban DE>>
=== de_mail_berater | de | customer mail
Hallo Herr <<last de>>,
anbei die Unterlagen. Meine Steuer-IdNr. ist <<taxid>>, die meiner Frau <<taxid>>. Rückfragen gern an <<email de>> oder 📞 <<phone de>>.
=== de_yaml_steuer | de | YAML
mandant:
  name: <<name de>>
  steuer_id: "<<taxid>>"
  geburtsdatum: <<bd dot>>
  mandanten_nr: <<digits 5>>
=== de_sql_steuer | de | SQL
UPDATE mitarbeiter SET steuer_id = '<<taxid bare>>' WHERE personalnr = <<digits 4>>;
UPDATE mitarbeiter SET steuer_id = '<<taxid bare>>' WHERE personalnr = <<digits 4>>;
=== de_md_steuer | de | markdown table
| Name | Steuer-ID | Klasse |
|------|-----------|--------|
%3-5%| <<name de>> | <<taxid>> | <<int 1 6>> |
=== de_telefonat | de | call-centre transcript
Agent: Nennen Sie mir bitte Ihre Steuer-Identifikationsnummer.
Kunde: <<taxid>>.
Agent: Und Ihr Geburtsdatum?
Kunde: <<bd de word>>.
Agent: Danke. Unter welcher Telefonnummer erreichen wir Sie?
Kunde: <<phone de nat>>
=== de_riester | de | insurance form
Riester-Zulagenantrag <<year 2018 2024>>
Versicherte: <<name de>>, Steuer-ID <<taxid>>
Vertrag <<digits 8>>, Eigenbeitrag <<money de 2000>> EUR
=== de_log_steuer | de | application log
<<at py>> INFO  elstam abruf idnr=<<taxid bare>> klasse=<<int 1 6>> ok
<<at py>> WARN  elstam abruf idnr=<<taxid bare>> keine Daten
=== de_minijob | de | contract
Arbeitsvertrag (geringfügige Beschäftigung)
zwischen <<company>> und <<name de>>, geb. am <<bd de>>, <<address de>>, Steuer-ID: <<taxid>>.
Beginn <<date de>>, Stundenlohn <<int 13 22>>,00 EUR.
=== de_steuer_tsv | de | TSV
Name	IdNr	Ort
%3-5%<<name de>>	<<taxid>>	<<pick Kiel|Bonn|Ulm>>
=== en_expat_tax | en | forum post
Moved to Berlin last month, employer asks for my German tax ID. The letter says "IdNr. <<taxid>>", is that the Steuer-ID or something else?
=== de_arztbrief | de | medical letter
Arztbrief
Patientin: <<name de>>, geb. <<bd de>>, wohnhaft in der <<address de>>
Sehr geehrte Kollegin, wir berichten über die o. g. Patientin, die sich am <<date de>> vorstellte. RR <<int 110 160>>/<<int 70 95>> mmHg, Puls <<int 55 95>>.
Rückfragen: Tel. <<phone de nat>>
=== de_arzt_kurz | de | medical letter
Pat. <<last de>>, <<first de>>, geb. <<bd de2>>, Ambulanz <<int 1 9>>
Labor vom <<date dot>>: Hb <<float 11 16 1>> g/dl, CRP <<float 0 9 1>> mg/l
Befund an <<email de>>
=== de_versicherung | de | insurance claim
Schadenmeldung Nr. <<digits 7>>
Versicherungsnehmer: <<name de>>, <<address de>>
Schadentag <<date de>>, Schadenhöhe ca. <<money de>> EUR
Erreichbar: mobil <<phone de nat>>, E-Mail <<email de>>
=== de_rechnung | de | invoice
Rechnung <<year 2020 2025>>-<<digits 5>>
<<company>>, <<address de>>
Gesamtbetrag <<money de>> EUR, zahlbar bis <<date de>>
Bankverbindung: <<iban DE>>
=== de_kontoauszug | de | bank statement
Kontoauszug <<int 1 12>>/<<year 2020 2025>>  IBAN <<iban DE>>
<<date dot>>  LASTSCHRIFT  <<company>>  -<<money de 200>>
<<date dot>>  ÜBERWEISUNG an <<name de>> <<iban AT>>  -<<money de 900>>
=== de_schule | de | school letter
Liebe Eltern der Klasse <<int 1 10>>b,
die Notfallliste (Name, Geburtsdatum, Telefon):
%2-4%<<name de>>, geb. <<bd de>>, Tel. <<phone de nat>>
=== de_passwort_zettel | de | note
WLAN Gäste
Passwort: <<pw>>
Router: <<ip priv>>
=== de_zugang | de | customer mail
Ihr Zugang wurde eingerichtet.
Benutzername: <<last de>><<int 1 99>>
Kennwort: <<pw>>
Portal: https://portal.example.de/login
=== de_at_vertrag | de | contract
Mietvertrag: Mieter <<name de>>, geboren am <<bd de word>>, derzeit <<address at>>, Tel. <<phone at nat>>. Miete EUR <<money de 1500>> auf <<iban AT>>.
=== de_ch_mail | de | customer mail
Grüezi, bitte liefern Sie an <<address ch>>. Telefon <<phone ch nat>>. Die Rückerstattung bitte auf <<iban CH>>.
Freundliche Grüsse
<<name de>>
=== de_ip_log | de | server log
<<at>> Zugriff verweigert: Quelle <<ip any>>, Ziel <<ip priv>>:443, Regel <<int 1 200>>
<<at>> Zugriff erlaubt: Quelle <<ip 4>>, Ziel <<ip priv>>:25, Regel <<int 1 200>>
=== de_imei | de | support ticket
Gerät gesperrt. IMEI: <<imei>>, Rufnummer <<phone de>>, Kunde seit <<date de>>.
=== de_mac | de | support ticket
Bitte MAC-Adresse <<mac>> für das WLAN freischalten, Laptop von <<name de>> (<<email de>>).
=== de_reise | de | travel form
Reiseanmeldung
<<name de>>, geb. <<bd de>>
Passdaten (maschinenlesbar):
<<mrz>>
=== de_karte | de | customer mail
Hallo, meine Kreditkarte <<card>> wurde doppelt mit <<money de 300>> EUR belastet. Bitte prüfen. Handy: <<phone de nat>>
=== de_verein | de | CSV
mitgliedsnr;name;geburtsdatum;adresse;iban
%3-5%<<digits 4>>;<<name de>>;<<bd dot>>;<<address de>>;<<iban DE bare>>
=== de_polizei | de | authority letter
Als Halter wurde <<name de>>, geb. am <<bd de>> in <<pick Kiel|Bonn|Ulm>>, wohnhaft <<address de>>, ermittelt. Tatzeit <<date de>>, <<time>> Uhr.
=== fr_mail_demenagement | fr | customer mail
Bonjour,

j'ai déménagé le <<date fr>>. Ma nouvelle adresse : <<address fr>>. Vous pouvez me joindre par téléphone au <<phone fr nat>> ou à <<email fr>>.

Cordialement,
<<name fr>>
=== fr_signature | fr | mail signature
<<name fr>>
Responsable <<pick achats|logistique|paie>> - <<company>>
<<address fr>>
Tél. : <<phone fr>>
Port. : <<phone fr>>
=== fr_secu_lettre | fr | authority letter
Assurance Maladie
N° de sécurité sociale : <<nir>>
Madame <<last fr>>, votre remboursement de <<money fr 300>> € sera viré sur le compte <<iban FR>>.
=== fr_secu_rh | fr | HR form
FICHE SALARIÉ
Nom : <<name fr>>
Né(e) le : <<bd fr>>
Numéro de sécurité sociale : <<nir>>
Adresse : <<address fr>>
=== fr_secu_csv | fr | CSV
matricule;nom;nir;date_naissance;service
%3-6%<<digits 4>>;<<last fr>>;<<nir bare>>;<<bd slash>>;<<pick Paie|Stock|Vente>>
=== fr_secu_json | fr | JSON
{"patient": "<<name fr>>", "nir": "<<nir bare>>", "date_naissance": "<<bd iso>>", "telephone": "<<phone fr nat>>"}
=== fr_secu_medecin | fr | medical letter
Cher confrère,
je vous adresse M. <<last fr>>, né le <<bd fr>>, NIR <<nir>>, pour une lombalgie évoluant depuis <<int 2 9>> semaines. TA <<int 11 15>>/<<int 6 9>>.
Secrétariat : tél. <<phone fr nat>>
=== fr_secu_appel | fr | call-centre transcript
Conseiller : votre numéro de sécu, s'il vous plaît ?
Assuré : alors, <<nir>>
Conseiller : et votre date de naissance ?
Assuré : le <<bd fr word>>
=== fr_secu_sql | fr | SQL
INSERT INTO assures (id, nom, nir, caisse) VALUES (<<digits 4>>, '<<last fr>>', '<<nir bare>>', '<<digits 3>>');
=== fr_secu_mutuelle | fr | insurance claim
Mutuelle <<company>> - demande de prise en charge
Assuré : <<name fr>>, n° SS <<nir>>
Soins du <<date fr>>, montant <<money fr 900>> €
=== fr_facture | fr | invoice
Facture n° F<<digits 6>> du <<date fr>>
Client : <<name fr>>, <<address fr>>
Total TTC : <<money fr>> €
RIB : <<iban FR>>
=== fr_releve | fr | bank statement
Relevé de compte - IBAN <<iban FR>>
<<date slash>> VIR SEPA <<name fr>> <<iban BE>> <<money fr 900>>
<<date slash>> CB <<company>> <<money fr 90>>
=== fr_mdp | fr | customer mail
Bonjour, votre compte est activé.
Identifiant : <<last fr>><<int 1 99>>
Mot de passe : <<pw>>
=== fr_ecole | fr | school letter
Inscription au centre de loisirs
Enfant : <<name fr>>, née le <<bd fr>>
Parents : <<email fr>>, tél. <<phone fr nat>>
Adresse : <<address fr>>
=== fr_contrat | fr | contract
Entre les soussignés : <<name fr>>, né le <<bd fr word>>, demeurant <<address fr>>, et la société <<company>>, il est convenu ce qui suit.
=== fr_be_chat | fr | chat log
<<first fr>> : tu peux verser sur <<iban BE>> ?
<<first fr>> : oui. c'est quoi ton adresse ?
<<first fr>> : <<address be>>, et mon gsm <<phone be nat>>
=== fr_lux_ch | fr | contact list
Numéros de téléphone utiles
Bureau Luxembourg : <<phone lu>>
Bureau Genève : <<phone ch>>
Standard Paris : <<phone fr>>
=== es_mail_factura | es | customer mail
Hola:

Necesito que la factura salga a nombre de <<name es>>, DNI <<dni>>, <<address es>>. Mi teléfono es <<phone es nat>>.

Gracias y un saludo
=== es_contrato | es | contract
De una parte D. <<name es>>, con DNI/NIE <<dni>>, nacido el <<bd es>>, y domicilio en <<address es>>; de otra, <<company>>.
Renta mensual: <<money es 1500>> euros, en la cuenta <<iban ES>>.
=== es_nomina | es | payslip
NÓMINA <<int 1 12>>/<<year 2019 2025>>
Trabajador: <<name es>>   NIF: <<dni>>   Antigüedad: <<date es>>
Líquido a percibir: <<money es>> €   IBAN <<iban ES>>
=== es_csv_dni | es | CSV
id;apellidos;dni;fecha_nacimiento;email
%3-6%<<int 1 999>>;<<last es>> <<last es>>;<<dni>>;<<bd slash>>;<<email es>>
=== es_json_dni | es | JSON
{"titular": "<<name es>>", "documento": {"tipo": "NIE", "numero": "<<dni nie>>"}, "movil": "<<phone es int>>"}
=== es_medico | es | medical letter
INFORME DE ALTA
Paciente: <<name es>>   DNI: <<dni>>   Fecha de nacimiento: <<bd es>>
Ingreso: <<date es>>. Tensión arterial <<int 110 150>>/<<int 65 90>>. Citado en <<int 2 8>> semanas.
Teléfono de contacto: <<phone es nat>>
=== es_llamada | es | call-centre transcript
Agente: ¿Me facilita su DNI con la letra?
Cliente: <<dni>>
Agente: ¿Y un teléfono de contacto?
Cliente: el <<phone es nat>>
Agente: Perfecto, la avería queda anotada para el <<date es word>>.
=== es_sql_dni | es | SQL
DELETE FROM clientes WHERE nif = '<<dni>>';
UPDATE clientes SET nif = '<<dni>>', telefono = '<<phone es nat>>' WHERE id = <<digits 4>>;
=== es_chat | es | chat log
<<first es>>: pásame tu DNI para la reserva
<<first es>>: <<dni>>
<<first es>>: y la cuenta para el bizum no, para transferencia
<<first es>>: <<iban ES>>
=== es_tabla | es | markdown table
| Alumno | DNI | Nacimiento |
|---|---|---|
%2-4%| <<name es>> | <<dni>> | nacido el <<bd es>> |
=== es_colegio | es | school letter
Estimadas familias: la alumna <<name es>>, nacida el <<bd es>>, ha sido admitida. Deben presentar el impreso antes del <<date es>> en <<address es>>. Tel. <<phone es nat>>.
=== es_clave | es | customer mail
Le enviamos sus datos de acceso:
Usuario: <<email es>>
Contraseña: <<pw>>
=== es_seguro | es | insurance claim
Parte de accidente <<digits 6>>: vehículo asegurado por <<name es>> (<<phone es>>), daños en <<address es>>. Importe <<money es>> €.
=== es_mx | es | customer mail
Buen día, soy <<name es>>. Pueden llamarme por teléfono al <<phone mx nat>> o escribir a <<email es>>. Mi colega en Buenos Aires: tel. <<phone ar nat>>.
=== it_mail | it | customer mail
Buongiorno,
il mio codice fiscale è <<cf>> e abito in <<address it>>. Per la consegna chiamate il cell. <<phone it nat>>.
Grazie, <<name it>>
=== it_referto | it | medical letter
Paziente: <<name it>>, nato il <<bd it>>
C.F. <<cf>>
Referto del <<date it>>: esame nella norma, controllo fra <<int 3 12>> mesi. Segreteria tel. <<phone it nat>>.
=== it_csv | it | CSV
cognome;nome;codice_fiscale;data_nascita;reparto
%3-6%<<last it>>;<<first it>>;<<cf>>;<<bd slash>>;<<int 1 20>>
=== it_json | it | JSON
{"cliente": "<<name it>>", "codiceFiscale": "<<cf>>", "email": "<<email it>>", "iban": "<<iban IT bare>>"}
=== it_contratto | it | contract
Il sottoscritto <<name it>>, nato il <<bd it word>>, residente in <<address it>>, codice fiscale <<cf>>, conferisce incarico a <<company>>.
=== it_fattura | it | invoice
Fattura n. <<digits 4>>/<<year 2019 2025>>
Spett.le <<name it>>, <<address it>>
CF: <<cf>>
Totale € <<money it>>, bonifico su <<iban IT>>
=== it_chiamata | it | call-centre transcript
Operatore: mi detta il codice fiscale?
Cliente: <<cf>>
Operatore: e una mail?
Cliente: <<email it>>, oppure telefono <<phone it nat>>
=== it_xml | it | XML
<CessionarioCommittente>
  <CodiceFiscale><<cf>></CodiceFiscale>
  <Denominazione><<company>></Denominazione>
  <Telefono><<phone it nat>></Telefono>
</CessionarioCommittente>
=== it_scuola | it | school letter
Gentili genitori, l'alunna <<name it>> (nata il <<bd it>>, C.F. <<cf>>) risulta iscritta alla classe <<int 1 5>>C. Recapito telefonico: <<phone it nat>>.
=== it_chat | it | chat log
<<first it>>: mi mandi il CF per il biglietto?
<<first it>>: <<cf>>
<<first it>>: ok, pagato con <<card>>
=== it_password | it | note
Gestionale ufficio
utente: <<first it>>
password: <<pw>>
server <<ip priv>>
=== nl_mail | nl | customer mail
Beste klantenservice,
mijn nieuwe adres is <<address nl>>. U kunt mij bellen op <<phone nl nat>> of mailen naar <<email nl>>.
Groet, <<name nl>>
=== nl_bsn_form | nl | HR form
Indiensttreding
Naam: <<name nl>>
BSN: <<bsn>>
Geboortedatum: <<bd nl>>
Adres: <<address nl>>
IBAN: <<iban NL>>
=== nl_bsn_csv | nl | CSV
personeelsnr;achternaam;bsn;geboortedatum;uren
%3-6%<<digits 4>>;<<last nl>>;<<bsn bare>>;<<bd nl>>;<<int 8 40>>
=== nl_bsn_json | nl | JSON
{"client": "<<name nl>>", "bsn": "<<bsn bare>>", "telefoon": "<<phone nl int>>"}
=== nl_bsn_arts | nl | medical letter
Geachte collega,
Betreft: <<name nl>>, geboren op <<bd nl word>>, BSN <<bsn>>
Patiënt bezocht het spreekuur op <<date nl>>. Bloeddruk <<int 110 150>>/<<int 70 90>>.
=== nl_bsn_gemeente | nl | authority letter
Gemeente <<pick Utrecht|Delft|Assen>>
Burgerservicenummer (BSN): <<bsn>>
Geachte heer <<last nl>>, uw aanvraag van <<date nl>> is ontvangen. Vragen? Bel <<phone nl nat>>.
=== nl_bsn_gesprek | nl | call-centre transcript
Medewerker: Mag ik uw BSN?
Klant: Ja, <<bsn>>.
Medewerker: En uw geboortedatum?
Klant: <<bd nl>>
=== nl_bsn_loon | nl | payslip
Loonstrook periode <<int 1 12>>
<<name nl>>   BSN <<bsn>>   Bruto <<money nl>>   Netto <<money nl>>
Betaald op rekening <<iban NL>>
=== nl_bsn_sql | nl | SQL
SELECT * FROM verzekerden WHERE bsn = '<<bsn bare>>' OR bsn = '<<bsn bare>>';
=== nl_factuur | nl | invoice
Factuur <<year 2019 2025>><<digits 3>>
Aan: <<name nl>>, <<address nl>>
Te betalen: € <<money nl 900>> op <<iban NL>> voor <<date nl>>
=== nl_wachtwoord | nl | chat log
<<first nl>>: wat is het wachtwoord van de scanner?
<<first nl>>: wachtwoord: <<pw>>
<<first nl>>: en hij hangt op <<ip priv>>
=== pl_mail | pl | customer mail
Dzień dobry,
proszę o zmianę adresu na <<address pl>>. Mój numer telefonu: <<phone pl nat>>, e-mail <<email pl>>.
Pozdrawiam, <<name pl>>
=== pl_pesel_umowa | pl | contract
Umowa zlecenie zawarta dnia <<date pl>> pomiędzy <<company>> a <<name pl>>, PESEL <<pesel>>, zam. <<address pl>>.
Wynagrodzenie: <<money pl>> zł na rachunek <<iban PL>>
=== pl_pesel_csv | pl | CSV
lp;nazwisko;pesel;oddział
%3-6%<<int 1 300>>;<<last pl>>;<<pesel>>;<<int 1 12>>
=== pl_pesel_json | pl | JSON
{"pacjent": "<<name pl>>", "pesel": "<<pesel>>", "telefon": "<<phone pl int>>"}
=== pl_pesel_lekarz | pl | medical letter
KARTA INFORMACYJNA
Pacjent: <<name pl>>, ur. <<bd pl>>
PESEL: <<pesel>>
Przyjęto <<date pl>>. RR <<int 110 150>>/<<int 70 90>>. Kontrola za <<int 2 8>> tygodni.
=== pl_pesel_rozmowa | pl | call-centre transcript
Konsultant: Proszę podać numer PESEL.
Klient: <<pesel>>
Konsultant: Data urodzenia?
Klient: <<bd pl word>>
Konsultant: Dziękuję, oddzwonimy na numer <<phone pl nat>>.
=== pl_pesel_zus | pl | authority letter
ZUS Oddział w <<pick Łodzi|Krakowie>>
Pan/Pani <<name pl>>, PESEL: <<pesel>>, urodzona <<bd pl>>
Informujemy o wypłacie <<money pl>> zł dnia <<date pl>>.
=== pl_pesel_md | pl | markdown table
| Uczeń | PESEL | Klasa |
|---|---|---|
%2-4%| <<name pl>> | <<pesel>> | <<int 1 8>>a |
=== pl_pesel_xml | pl | XML
<osoba>
  <nazwisko><<last pl>></nazwisko>
  <pesel><<pesel>></pesel>
  <dataUrodzenia><<bd iso>></dataUrodzenia>
</osoba>
=== pl_pesel_log | pl | application log
<<at py>> INFO wniosek przyjety pesel=<<pesel>> ip=<<ip 4>> id=<<uuid>>
=== pl_haslo | pl | note
Panel sklepu
login: admin
hasło: <<pw>>
=== pl_szkola | pl | school letter
Szanowni Państwo, uczeń <<name pl>>, ur. <<bd pl>>, został przyjęty do klasy <<int 1 8>>. Sekretariat: tel. <<phone pl nat>>, <<address pl>>.
=== pt_mail_br | pt | customer mail
Olá,
meu CPF é <<cpf>> e preciso da segunda via do boleto. Endereço: <<address br>>. Telefone: <<phone br nat>>.
Obrigado, <<name pt>>
=== pt_cpf_csv | pt | CSV
id,nome,cpf,data_nascimento,email
%3-6%<<int 1 999>>,<<name pt>>,<<cpf>>,<<bd slash>>,<<email pt>>
=== pt_cpf_json | pt | JSON
{"pedido": <<digits 6>>, "cliente": {"nome": "<<name pt>>", "cpf": "<<cpf bare>>"}, "total": <<float 10 900>>}
=== pt_cpf_contrato | pt | contract
CONTRATANTE: <<name pt>>, brasileiro, inscrito no CPF sob o nº <<cpf>>, nascido em <<bd pt>>, residente na <<address br>>.
=== pt_cpf_medico | pt | medical letter
Paciente: <<name pt>>   CPF: <<cpf>>   Data de nascimento: <<bd pt>>
Consulta em <<date pt>>. PA <<int 11 15>>x<<int 6 9>>. Retorno em <<int 15 60>> dias.
=== pt_cpf_atendimento | pt | call-centre transcript
Atendente: Qual é o CPF do titular?
Cliente: <<cpf>>
Atendente: E o telefone com DDD?
Cliente: <<phone br nat>>
=== pt_cpf_sql | pt | SQL
INSERT INTO clientes (nome, cpf) VALUES ('<<name pt>>', '<<cpf>>'), ('<<name pt>>', '<<cpf>>');
=== pt_cpf_nota | pt | invoice
Nota fiscal <<digits 6>>
Destinatário: <<name pt>> - CPF <<cpf bare>>
<<address br>>
Valor total R$ <<money pt>>
=== pt_cpf_chat | pt | chat log
<<first pt>>: me passa seu cpf pro ingresso
<<first pt>>: <<cpf>>
<<first pt>>: e o celular?
<<first pt>>: <<phone br int>>
=== pt_pt_mail | pt | customer mail
Bom dia, mudei-me para <<address pt>>. O meu telemóvel é <<phone pt nat>> e o IBAN é <<iban PT>>.
Cumprimentos, <<name pt>>
=== pt_senha | pt | customer mail
Segue o acesso ao sistema:
usuário: <<first pt>>
senha: <<pw>>
=== pt_escola | pt | school letter
Aluno: <<name pt>>, nascido em <<bd pt word>>. Encarregado de educação: <<email pt>>, telefone <<phone pt nat>>. Morada: <<address pt>>
=== sv_mail | sv | customer mail
Hej!
Jag har flyttat till <<address se>>. Mitt mobilnummer är <<phone se nat>> och mejlen är <<email sv>>.
Hälsningar <<name sv>>
=== sv_pnr_journal | sv | medical letter
Patient: <<name sv>>, personnummer <<pnr>>
Besök <<date sv>>. Blodtryck <<int 110 150>>/<<int 70 90>>. Återbesök om <<int 2 8>> veckor.
Mottagningen telefon <<phone se nat>>
=== sv_pnr_csv | sv | CSV
anst_nr;namn;personnummer;avdelning
%3-6%<<digits 4>>;<<name sv>>;<<pnr>>;<<int 1 30>>
=== sv_pnr_json | sv | JSON
{"kund": "<<name sv>>", "personnummer": "<<pnr bare>>", "epost": "<<email sv>>"}
=== sv_pnr_avtal | sv | contract
Hyresavtal mellan <<company>> och <<name sv>>, pers.nr <<pnr>>, född <<bd sv word>>, <<address se>>. Hyra <<int 5 14>> 500 kr per månad.
=== sv_pnr_samtal | sv | call-centre transcript
Handläggare: Kan jag få ditt personnummer?
Kund: Ja, <<pnr>>.
Handläggare: Tack. Och ett telefonnummer?
Kund: <<phone se nat>>
=== sv_pnr_brev | sv | authority letter
Försäkringskassan
<<name sv>>
Personnummer: <<pnr>>
Beslut om ersättning från <<date sv>>: <<int 300 1200>> kr per dag till konto <<iban SE>>
=== sv_pnr_lista | sv | school letter
Klasslista <<int 1 9>>B
%3-4%<<name sv>>  <<pnr>>
Målsmans telefon: <<phone se nat>>
=== sv_pnr_sql | sv | SQL
SELECT id FROM medlem WHERE personnummer IN ('<<pnr>>', '<<pnr>>');
=== sv_pnr_xml | sv | XML
<arbetstagare>
  <personnummer><<pnr bare>></personnummer>
  <fodelsedatum><<bd iso>></fodelsedatum>
</arbetstagare>
=== sv_losen | sv | chat log
<<first sv>>: vad är lösenordet till wifi?
<<first sv>>: lösenord: <<pw>>
=== sv_dk_no | sv | contact list
Nordiska kontor, telefon
Köpenhamn: <<phone dk>>, <<address dk>>
Oslo: <<phone no>>, <<address no>>
Stockholm: <<phone se>>
=== fi_mail | fi | customer mail
Hei,
uusi osoitteeni on <<address fi>>. Puhelin <<phone fi nat>>, sähköposti <<email fi>>.
Terveisin <<name fi>>
=== fi_hetu_lomake | fi | HR form
Nimi: <<name fi>>
Henkilötunnus: <<hetu>>
Osoite: <<address fi>>
Tilinumero: <<iban FI>>
Työsuhde alkaa: <<date fi>>
=== fi_hetu_csv | fi | CSV
nro;sukunimi;henkilotunnus;osasto
%3-6%<<int 1 400>>;<<last fi>>;<<hetu>>;<<int 1 20>>
=== fi_hetu_json | fi | JSON
{"asiakas": "<<name fi>>", "hetu": "<<hetu>>", "puhelin": "<<phone fi int>>"}
=== fi_hetu_epikriisi | fi | medical letter
EPIKRIISI
Potilas <<name fi>>, <<hetu>>
Tulosyy: vatsakipu. RR <<int 110 150>>/<<int 70 90>>. Kontrolli <<date fi>>.
=== fi_hetu_puhelu | fi | call-centre transcript
Virkailija: Saisinko henkilötunnuksenne?
Asiakas: <<hetu>>
Virkailija: Kiitos. Soitamme numeroon <<phone fi nat>>.
=== fi_hetu_kela | fi | authority letter
Kela, päätös <<date fi>>
<<name fi>> (hetu <<hetu>>), syntynyt <<bd fi>>
Etuus <<money fi 900>> € kuukaudessa tilille <<iban FI>>
=== fi_hetu_chat | fi | chat log
<<first fi>>: tarvitsen hetun varausta varten
<<first fi>>: <<hetu>>
<<first fi>>: ok, maksu kortilla <<card>>
=== fi_hetu_sql | fi | SQL
UPDATE potilas SET hetu = '<<hetu>>' WHERE id = <<digits 4>>;
UPDATE potilas SET hetu = '<<hetu>>' WHERE id = <<digits 4>>;
=== fi_hetu_vuokra | fi | contract
Vuokrasopimus: vuokralainen <<name fi>>, hetu <<hetu>>, huoneisto <<address fi>>. Vuokra <<int 500 1300>> €/kk tilille <<iban FI>>.
=== fi_syntyma | fi | school letter
Oppilas <<name fi>>, syntymäaika <<bd fi>>, on otettu luokalle <<int 1 6>>A. Huoltajan puhelin <<phone fi nat>>, osoite <<address fi>>.
=== fi_salasana | fi | note
Varasto-pc
tunnus: varasto<<int 1 9>>
salasana: <<pw>>
ip <<ip priv>>
=== world_invoice_sepa | en | invoice
Beneficiary: <<company>>
IBAN: <<iban>>
BIC: <<up 4>>DEFF
Reference: RE-<<digits 6>>
Amount: EUR <<money en>>
=== world_iban_csv | en | CSV
vendor,iban,terms_days
%4-7%<<company>>,<<iban>>,<<pick 14|30|60>>
=== world_gr_tr | en | contact list
Call our partners by phone: Athens <<phone gr>>, Istanbul <<phone tr>>, Budapest <<phone hu>>, Bucharest <<phone ro>>
Prague tel. <<phone cz>>, Kyiv tel. <<phone ua>>, Dubai tel. <<phone ae>>, Tel Aviv tel. <<phone il>>
=== de_briefkopf | de | authority letter
<<name de>>
<<street de>>
<<digits 5>> Köln

Ihr Zeichen <<up 2>> <<digits 4>>
Betreff: Wohngeldbescheid vom <<date de>>
Bewilligt werden <<money de 400>> EUR monatlich.
=== en_json_street | en | JSON
{
  "name": "<<name en>>",
  "address": {
    "street": "<<street us>>",
    "zip": "<<digits 5>>"
  },
  "phone": "<<phone us nat>>"
}
=== nl_verhuisbericht | nl | form
Verhuisbericht
Oud adres: <<address nl>>
Nieuw adres: <<address nl>>
Verhuisdatum: <<date nl>>
Telefoon: <<phone nl nat>>
=== es_hotel_mrz | es | hotel check-in
Parte de viajeros, habitación <<int 101 499>>
Lectura del pasaporte:
<<mrz>>
Correo: <<email es>>
=== fr_visa_mrz | fr | form
Demande de visa n° <<digits 6>>
Zone de lecture optique :
<<mrz>>
Retour prévu le <<date fr>>
=== pl_paszport_mrz | pl | customer mail
Dzień dobry, przesyłam odczyt z paszportu do rezerwacji <<code 6>>:
<<mrz>>
Telefon: <<phone pl nat>>
=== en_whatsapp_born | en | chat log
<<first en>>: need the kids' details for the flights
%2-3%<<first en>>: <<first en>>, born <<bd uk>>
<<first en>>: thx, gate opens <<time>>
=== it_nascita | it | markdown table
| Atleta | Nato il | Peso |
|---|---|---|
%3-5%| <<name it>> | <<bd slash>> | <<int 50 95>> kg |
=== de_imei_liste | de | CSV
inventarnr;modell;imei;ausgabe
%3-5%<<digits 5>>;<<pick Fairphone 4|iPhone SE|Nokia G22>>;<<imei bare>>;<<date dot>>
=== fr_imei | fr | customer mail
Bonjour, mon portable (IMEI : <<imei>>) a été perdu le <<date fr>>. Pouvez-vous bloquer la ligne <<phone fr int>> ?
=== es_imei | es | invoice
Albarán <<digits 5>>
Móvil 128 GB, IMEI <<imei>>, garantía 3 años
Cliente: <<email es>>
=== fr_carte | fr | chat log
<<first fr>> : le paiement est refusé avec la carte <<card>>
<<first fr>> : essayez l'autre : <<card>>
=== es_tarjeta | es | call-centre transcript
Agente: dígame el número de la tarjeta
Cliente: <<card>>
Agente: el cargo de <<money es 200>> euros está hecho
=== de_wallet | de | forum post
Auszahlung an <<crypto btc>> hängt seit <<int 2 9>> Stunden, Gebühr <<int 5 60>> sat/vB. Was tun?
=== en_mac_dhcpd | en | config
host printer<<int 1 9>> {
  hardware ethernet <<mac :>>;
  fixed-address <<ip priv>>;
}
=== fr_url_cred | fr | application log
<<at py>> ERREUR connexion impossible à https://<<cred>>@depot.example.fr/v1 (code <<pick 401|503>>)
=== de_url_cred | de | customer mail
Hallo <<first de>>, das Backup liegt unter sftp://<<cred>>@backup.example.de:22/daten, bitte bis <<date de>> abholen.
'''


# --------------------------------------------------------------------------------------- hard negatives: no label
HARD = r'''
=== h_ip_version | en | release notes | ip
Upgraded the driver from version <<int 1 30>>.<<int 0 20>>.<<int 0 90>>.<<int 0 99>> to version <<int 1 30>>.<<int 0 20>>.<<int 0 90>>.<<int 0 99>>. Reboot required.
=== h_ip_chrome | en | browser string | ip
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/<<int 90 130>>.0.<<int 4000 6999>>.<<int 10 200>> Safari/537.36
=== h_ip_loopback | en | config | ip
listen_addresses = '127.0.0.1'
bind 0.0.0.0
port = <<int 1024 9999>>
=== h_ip_netmask | en | network note | ip
A /26 has the netmask 255.255.255.192 and holds 62 hosts; a /<<int 20 23>> starts at 255.255.<<pick 240|248|252|254>>.0.
=== h_ip_oid | en | config | ip
snmpget -v2c sysUpTime OID 1.3.6.1.2.1.1.3.0
OID 1.3.6.1.4.1.<<int 300 9999>>.<<int 1 9>>.<<int 1 9>>
=== h_ip_section | en | contract | ip
As set out in clauses <<int 1 9>>.<<int 1 9>>.<<int 1 9>> and section <<int 1 9>>.<<int 1 9>>.<<int 1 9>>.<<int 1 9>> of this agreement, fees are due within <<int 10 60>> days.
=== h_ip_cpp | en | code | ip
std::vector<int> a; auto it = std::find(a.begin(), a.end(), <<int 1 99>>);
using fs = std::filesystem::path; // v<<int 1 9>>.<<int 0 9>>
=== h_ip_times | en | server log | ip
lap <<int 1 20>> 00:01:<<int 10 59>> 00:02:<<int 10 59>> 01:12:<<int 10 59>>:<<int 10 24>> total 12:34:<<int 10 59>>
=== h_ip_docker | en | YAML | ip
image: postgres:1<<int 2 6>>.<<int 1 9>>
ports: ["127.0.0.1:5432:5432"]
healthcheck: {interval: <<int 5 60>>s}
=== h_ip_outofrange | en | forum post | ip
The validator must refuse 256.<<int 0 255>>.1.1, 10.0.0.<<int 256 999>> and 1.2.3 as addresses.
=== h_ip_kapitel | de | manual | ip
Siehe Kapitel <<int 1 9>>.<<int 1 9>>.<<int 1 12>>.<<int 1 9>> „Wartung“ und Abbildung <<int 1 9>>.<<int 1 9>>. Softwarestand V<<int 1 9>>.<<int 0 20>>.<<int 0 9>>.<<int 0 99>>
=== h_ip_listen6 | en | config | ip
listen [::]:80 default_server;
listen 0.0.0.0:443 ssl;
allow ::1;
deny all;
=== h_ip_nuget | en | XML | ip
<PackageReference Include="Newtonsoft.Json" Version="13.0.<<int 1 3>>" />
<AssemblyVersion><<int 1 9>>.<<int 0 9>>.<<int 0 99>>.0</AssemblyVersion>
=== h_ip_fingerprint | en | terminal output | ip
SHA1 Fingerprint=<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>:<<HEX 2>>
=== h_ph_order | en | customer mail | phone
Your order 0<<digits 9>> has shipped. Reference <<digits 3>>-<<digits 7>>-<<digits 7>>, parcel 1 of <<int 2 4>>.
=== h_ph_tracking | en | delivery note | phone
Tracking number 1Z<<code 16>>
Consignment <<digits 4>> <<digits 4>> <<digits 4>> <<digits 2>>
=== h_ph_isbn | en | library list | phone
ISBN <<isbn>>, shelf <<int 100 900>>.<<int 10 99>>
ISBN <<isbn>>, shelf <<int 100 900>>.<<int 10 99>>
=== h_ph_meeting | en | calendar entry | phone
Join the video meeting
Meeting ID: <<digits 3>> <<digits 4>> <<digits 4>>
Starts <<time>>, ends <<time>>
=== h_ph_hours | en | web page | phone
Opening hours Mon-Fri 0900-1730, Sat 1000-1400; closed <<date uk>> to <<date uk>>.
=== h_ph_amounts | fr | invoice | phone
Total HT 12 <<int 100 999>>,50 €   TVA 2 <<int 100 999>>,10 €   Solde au <<date fr>> : 1 <<int 100 999>> <<int 100 999>> points
=== h_ph_ranges | en | school paper | phone
Population rose from <<int 100 900>> <<int 100 999>> to 1 <<int 100 900>> <<int 100 999>> in <<year 1950 1980>>-<<year 1985 2020>>, a change of +<<int 10 90>>.<<int 1 9>> %.
=== h_ph_rechnung | de | invoice | phone
Rechnungsnummer <<year 2019 2025>>-0<<digits 6>>, Kundennummer 0<<digits 4>>-<<digits 5>>, Kostenstelle 0711<<digits 3>>
=== h_ph_part | de | parts list | phone
Art.-Nr. 0<<digits 3>>-<<digits 4>>-<<digits 2>>   Dichtung <<int 10 90>>x<<int 3 9>>   <<int 1 99>> St.
Art.-Nr. 0<<digits 3>>-<<digits 4>>-<<digits 2>>   DIN 934 M<<int 3 16>>
=== h_ph_coords | en | CSV | phone
lat,lon,elevation
%2-4%<<float 35 60 6>>,<<float 1 20 6>>,<<int 1 900>>
=== h_ph_score | en | sports report | phone
Final leaderboard: +<<int 1 9>>, +<<int 10 20>>, -<<int 1 9>>. Splits 21-15 18-21 15-<<int 8 13>>, attendance 12 <<int 100 999>>.
=== h_ph_phone_word | en | product page | phone
Phone specs: 6.<<int 1 9>>" display, 2400 x 1080, <<int 3000 5500>> mAh, 128/256 GB. Phone case size 160-75-9 mm.
=== h_ph_tel_kabel | de | product page | phone
Telefonkabel 2x2x0,<<int 4 8>> mm, Länge <<int 5 50>> m, Artikel <<digits 6>>. Tel.-Anlage bis <<int 4 90>> Nebenstellen.
=== h_ph_callcount | es | report | phone
Llamadas atendidas: <<int 1000 9000>> (teléfono), <<int 100 900>> (chat). Tiempo medio 00:04:<<int 10 59>>. Informe <<date es>>.
=== h_ph_plus_code | en | forum post | phone
Plus code 9F4M<<int 22 99>>+QV, timezone UTC+02:00, offset +<<int 1000 9999>> ms, build +<<digits 6>>.
=== h_bd_founded_en | en | web page | birth_date
Our bakery was founded on <<past uk>> and moved to the present building on <<past uk>>.
=== h_bd_gegruendet | de | web page | birth_date
Der Verein wurde am <<past de>> gegründet, die Halle am <<past de word>> eingeweiht.
=== h_bd_idea | en | blog post | birth_date
The idea was born on <<date en word>> over coffee; version 1.0 followed on <<date en>>.
=== h_bd_startup | en | blog post | birth_date
On <<date uk>> a new tradition was born: the village's first night market, with <<int 10 90>> stalls.
=== h_bd_idee_de | de | newspaper | birth_date
Die Idee zum Radweg wurde am <<date de>> im Gemeinderat geboren, gebaut wird ab <<date de>>.
=== h_bd_projet_fr | fr | blog post | birth_date
Le projet est né d'une rencontre le <<date fr word>> ; la société a été créée le <<date fr>>.
=== h_bd_fundada_es | es | web page | birth_date
La cooperativa fue fundada el <<past es>>. Así nació una marca que hoy exporta a <<int 10 60>> países.
=== h_bd_nascita_it | it | web page | birth_date
L'azienda, fondata il <<past it>>, ha presentato il nuovo modello il <<date it>>. È nata una stella.
=== h_bd_opgericht | nl | web page | birth_date
Stichting opgericht op <<past nl>>; statuten gewijzigd op <<date nl>>.
=== h_bd_zalozona | pl | web page | birth_date
Firma założona <<past pl>>, wpis do rejestru <<date pl>>, kapitał <<int 5 90>> 000 zł.
=== h_bd_validity | en | ID checklist | birth_date
Date of issue: <<date uk>>
Date of expiry: <<date uk>>
Date of birth: (leave blank)
=== h_bd_due | en | CSV | birth_date
invoice,issue_date,due_date,paid
%3-5%<<digits 5>>,<<date iso>>,<<date iso>>,<<pick yes|no>>
=== h_bd_borne | en | court notice | birth_date
The costs borne by the defendant fall due on <<date uk>>; newborn screening rules changed on <<date uk>>.
=== h_bd_geburtstag | de | flyer | birth_date
Unser Laden feiert Geburtstag: am <<date de>> gibt es <<int 10 30>> % auf alles! Gültig bis <<date de>>.
=== h_bd_placeholder | en | form | birth_date
Date of birth (DD/MM/YYYY): ____/____/______
Format: YYYY-MM-DD. Form last revised <<date uk>>.
=== h_bd_invigd | sv | web page | birth_date
Bron invigdes <<past sv>> och renoverades <<date sv>>. Föreningen bildades <<past sv>>.
=== h_ad_chapter | en | book review | address
Chapter <<int 2 30>>, "Main Street", pages <<int 20 90>>-<<int 100 300>>, is the best of Sinclair Lewis. Print run 1<<int 0 9>>,000.
=== h_ad_wallstreet | en | newspaper | address
Wall Street lost <<int 2 9>>.<<int 1 9>> percent in the <<year 1987 2020>> crash; Downing Street promised <<int 2 9>> reforms.
=== h_ad_platz | de | sports report | address
Platz <<int 1 18>> in der Tabelle, <<int 20 60>> Punkte. Der Weg 3 Runden vor Schluss war frei.
=== h_ad_strasse_km | de | traffic news | address
B<<int 1 300>> zwischen Kilometer <<int 2 40>> und <<int 41 90>>: Straße <<int 2 9>> Tage gesperrt, Umleitung U<<int 1 90>>.
=== h_ad_route | en | travel blog | address
We drove Route 66 for <<int 5 14>> days, then Highway 61, lane 2 closed, <<int 100 900>> miles in all.
=== h_ad_drive | en | support ticket | address
Drive D: 500 GB free, drive E: <<int 1 9>> TB. Court 3 is booked at <<time>>. Meeting in room <<int 100 499>>, building <<int 1 9>>.
=== h_ad_rue | fr | newspaper | address
La rue sera barrée <<int 2 9>> jours. Place aux jeunes : <<int 10 90>> places, <<int 3 12>> rue(s) concernée(s), budget <<int 10 90>> 000 euros.
=== h_ad_plaza | es | job advert | address
Plazas: <<int 2 40>> vacantes. Vía de acceso libre, <<int 1 9>> ejercicios. Calle cortada 3 horas por la carrera de 10 km.
=== h_ad_via | it | newspaper | address
Risposta via email entro <<int 24 72>> ore. Corso di <<int 10 60>> ore, piazza gremita da <<int 2 9>>000 persone, largo 12 metri.
=== h_ad_weg | nl | traffic news | address
Op de A<<int 1 50>> staat <<int 2 20>> km file; de weg is <<int 2 5>> uur dicht. Plein 1813 was het thema van de quiz.
=== h_ad_album | en | music blog | address
Abbey Road (1969) runs 47 minutes; Electric Avenue reached number 2, Baker Street number 3 in the charts.
=== h_ad_rua | pt | newspaper | address
A rua ficou fechada <<int 2 9>> horas. Praça cheia: <<int 2 9>> mil pessoas. Largo de 12 m por 30 m, avenida com 4 faixas.
=== h_ad_ulica | pl | newspaper | address
Na ulicy zginęło 5 latarni. Plac ma <<int 200 900>> m2, aleja 12 drzew, remont potrwa <<int 2 9>> tygodni.
=== h_ad_gatan | sv | newspaper | address
Gatan stängs i <<int 2 9>> dagar och vägen får <<int 2 6>> nya farthinder. Torget rymmer 300 personer.
=== h_aa_bad1 | en-IN | support ticket | in_aadhaar
System rejects Aadhaar <<bad aadhaar>> with "checksum failed". Operator typed one digit wrong.
=== h_aa_bad2 | en-IN | CSV | in_aadhaar
row,aadhaar_no,error
%3-5%<<int 1 900>>,<<bad aadhaar bare>>,VERHOEFF_MISMATCH
=== h_aa_first | en-IN | manual | in_aadhaar
An Aadhaar number never begins with 0 or 1: 0<<digits 3>> <<digits 4>> <<digits 4>> and 1<<digits 3>> <<digits 4>> <<digits 4>> are refused by the form.
=== h_aa_masked | en-IN | bank mail | in_aadhaar
Your Aadhaar XXXX XXXX <<digits 4>> is linked to the account ending <<digits 4>>. No action is needed.
=== h_aa_eid | en-IN | form | in_aadhaar
Aadhaar enrolment no. <<digits 4>>/<<digits 5>>/<<digits 5>> dated <<date in>> <<time>>
=== h_aa_utr | en-IN | bank statement | in_aadhaar
UPI/<<digits 12>>/<<company>>/Rs <<money in 900>>
UPI/<<digits 12>>/<<company>>/Rs <<money in 900>>
=== h_aa_awsacct | en | code | in_aadhaar
role_arn = "arn:aws:iam::<<digits 12>>:role/deploy"
bucket = "logs-<<digits 12>>-eu"
=== h_aa_meter | en | meter reading | in_aadhaar
Meter serial <<digits 4>> <<digits 4>> <<digits 4>>, reading <<int 1000 90000>> kWh on <<date uk>>
=== h_aa_gift | en | voucher | in_aadhaar
Voucher code <<digits 4>>-<<digits 4>>-<<digits 4>>, worth $<<int 10 90>>, valid until <<date us>>.
=== h_aa_stamp | en | application log | in_aadhaar
backup_20240<<int 1 9>>1<<int 0 9>>1<<int 0 9>>3<<int 0 9>>.tar.gz written, <<int 10 900>> MB
=== h_aa_upc | en | CSV | in_aadhaar
upc,title,qty
%3-5%0<<digits 11>>,<<pick Tea|Soap|Rice>> <<int 100 900>> g,<<int 1 90>>
=== h_aa_short | en-IN | forum post | in_aadhaar
Aadhaar has 12 digits, not 11 (<<digits 4>> <<digits 4>> <<digits 3>>) and not 13; e-Aadhaar PDF is <<int 200 900>> KB.
=== h_aa_placeholder | en-IN | form | in_aadhaar
Aadhaar Number: ____ ____ ____
Example: 0000 1111 2222 (do not copy)
=== h_tx_bad1 | de | support ticket | de_tax_id
Steuer-ID <<bad taxid>> wird abgelehnt: Prüfziffer falsch. Bitte noch einmal vom Bescheid abschreiben.
=== h_tx_bad2 | de | CSV | de_tax_id
zeile;steuer_id;fehler
%3-5%<<int 1 900>>;<<bad taxid bare>>;PRUEFZIFFER
=== h_tx_steuernr | de | invoice | de_tax_id
Steuernummer: <<digits 3>>/<<digits 3>>/<<digits 5>>   USt-IdNr.: DE<<digits 9>>   Rechnung <<digits 6>>
=== h_tx_order | de | customer mail | de_tax_id
Ihre Bestellung <<digits 11>> vom <<date de>> ist unterwegs, Kundennummer <<digits 8>>.
=== h_tx_placeholder | de | form | de_tax_id
Steuer-ID (11-stellig): ___________
Beispiel: 12345678901 oder 00 000 000 000
=== h_tx_zero | de | manual | de_tax_id
Eine Steuer-IdNr. beginnt nie mit 0, also ist 0<<digits 10>> ungültig; auch <<digits 2>> <<digits 3>> <<digits 3>> <<digits 2>> ist zu kurz.
=== h_tx_dhl | de | delivery note | de_tax_id
Sendungsnummer <<digits 2>> <<digits 3>> <<digits 3>> <<digits 3>>, Gewicht <<float 0.3 20>> kg
=== h_tx_hrb | de | mail signature | de_tax_id
Amtsgericht Kiel HRB <<digits 5>>, USt-ID DE<<digits 9>>, Gläubiger-ID DE<<digits 2>>ZZZ0<<digits 10>>
=== h_tx_zaehler | de | meter reading | de_tax_id
Zählernummer <<digits 11>>, Zählerstand <<int 1000 90000>> kWh, abgelesen <<date de>>
=== h_tx_json | de | JSON | de_tax_id
{"auftrag": "<<digits 11>>", "position": <<int 1 90>>, "steuersatz": 19, "ident": "A<<digits 8>>"}
=== h_tx_hotline | de | authority letter | de_tax_id
Die Steuer-ID teilt das Bundeszentralamt mit. Dauer: <<int 4 8>> Wochen. Vordruck 010<<digits 3>>, Stand <<date de>>, § 139b AO.
=== h_tx_aktenzeichen | de | court notice | de_tax_id
Az. <<int 1 90>> O <<int 10 900>>/<<int 10 24>>, Kassenzeichen <<digits 11>>, Streitwert <<money de 9000>> EUR
=== h_tx_sum | de | report | de_tax_id
Steuereinnahmen <<year 2015 2024>>: <<int 10 99>> <<int 100 999>> <<int 100 999>> <<int 100 999>> EUR, ID der Tabelle T<<digits 3>>
=== h_card_bad | en | support ticket | card
Checkout refuses test number <<bad card>> because the Luhn check fails.
=== h_card_gift | en | voucher | card
Loyalty card 9<<digits 3>> <<digits 4>> <<digits 4>> <<digits 4>>, <<int 100 900>> points, expires <<int2 1 12>>/27
=== h_card_masked | en | bank mail | card
Card **** **** **** <<digits 4>> was used for $<<money en 90>> on <<date us>>.
=== h_iban_bad | de | support ticket | iban
Die IBAN <<bad iban DE>> ist laut Prüfsumme falsch, bitte korrigieren.
=== h_iban_bad2 | en | test data | iban
invalid_ibans = ["<<bad iban GB bare>>", "<<bad iban FR bare>>", "<<bad iban NL bare>>"]
=== h_iban_placeholder | de | form | iban
IBAN: DE__ ____ ____ ____ ____ __
BIC: <<up 4>>DEFF, Betrag <<money de 90>> EUR
=== h_crypto_hash | en | terminal output | crypto
block <<digits 6>> hash 00000000000000000<<hex 47>>
tx 0x<<hex 64>> fee <<int 10 90>> gwei
=== h_crypto_bad | en | test data | crypto
assert not is_valid("<<bad crypto p2pkh>>")
assert not is_valid("<<bad crypto v0>>")
=== h_crypto_zero | en | code | crypto
require(len(data) == 0x<<hex 2>>); bytes32 salt = 0x<<hex 64>>; uint x = 0x<<hex 8>>;
=== h_sha | en | terminal output | secret
commit <<hex 40>>
sha256sum: <<hex 64>>  image.iso
md5 <<hex 32>>
=== h_uuid | en | JSON | secret
{"request_id": "<<uuid>>", "trace": "<<hex 32>>", "etag": "W/\"<<hex 16>>\"", "took": <<int 1 900>>}
=== h_secret_placeholder | en | README | secret
export OPENAI_API_KEY=<your-api-key>
export DB_PASSWORD=${PASSWORD}
export GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
=== h_secret_env | en | code | secret
password = os.environ["DB_PASSWORD"]
api_key = config.get("api_key")
token = getenv("TOKEN") or None  # line <<int 1 900>>
=== h_secret_jinja | en | YAML | secret
db:
  user: app
  password: "{{ vault_db_password }}"
  token: ${{ secrets.NPM_TOKEN }}
  retries: <<int 1 9>>
=== h_secret_html | en | code | secret
<label for="pw">Password:</label> <input type="password" name="password" minlength="<<int 8 16>>" required>
=== h_secret_policy | de | manual | secret
Passwort: mindestens <<int 8 16>> Zeichen, davon <<int 1 3>> Ziffern. Das Kennwort läuft nach <<int 30 180>> Tagen ab.
=== h_secret_policy_en | en | manual | secret
Forgot your password? Reset links expire after <<int 10 60>> minutes. Password must not be empty. Secret Santa is on <<date uk>>.
=== h_secret_masked | en | application log | secret
<<at py>> INFO login user=admin password=******** ok
<<at py>> INFO token=[REDACTED] scope=read
=== h_secret_pubkey | en | key file | secret
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA<<b64 20>>
<<b64 62>>==
-----END PUBLIC KEY-----
=== h_secret_css | en | code | secret
.sk-circle-fade { width: <<int 20 90>>px; animation: sk-rotate 1.2s infinite } .sk-chase-dot:before { width: <<int 10 60>>% }
=== h_secret_integrity | en | code | secret
<script src="app.js" integrity="sha384-<<b64 64>>" crossorigin="anonymous"></script>
=== h_url_noauth | en | web page | url_credentials
See https://docs.example.com:8443/guide/v<<int 1 9>>:latest#install and https://medium.com/@devblog/post-<<hex 8>>
=== h_url_placeholder | en | README | url_credentials
DATABASE_URL=postgres://${DB_USER}:${DB_PASS}@db:5432/app
git clone https://<user>:<token>@git.example.com/team/app.git
=== h_at_npm | en | terminal output | email
+ @types/node@<<int 14 22>>.<<int 0 20>>.<<int 0 9>>
+ lodash@4.17.<<int 10 21>>
npm WARN deprecated glob@7.<<int 0 2>>.<<int 0 9>>
=== h_at_decorator | en | code | email
@app.route("/items")
@cache.memoize(<<int 30 900>>)
def items(): return a @ b
=== h_at_handle | en | social post | email
Great talk by @data_maria and @kees_nl at #pycon<<int 18 25>>! icon@2x.png, <<int 10 900>> likes, 3 kg @ $<<int 2 9>>.50
=== h_at_image | en | YAML | email
image: ghcr.io/acme/app@sha256:<<hex 64>>
uses: actions/checkout@v<<int 2 4>>
=== h_mac_time | en | sports report | mac
Race log 01:02:03:<<int 10 59>> 04:05:06:<<int 10 59>>, ratio 16:9, split 00:<<int 10 59>>:12
=== h_mac_hexdump | en | terminal output | mac
00000<<hex 2>>0  <<hex 4>> <<hex 4>> <<hex 4>> <<hex 4>>
ff:ff:ff:ff is not a full address, color #<<hex 6>>
=== h_imei_bad | en | support ticket | imei
IMEI <<bad imei bare>> fails the Luhn check, customer must dial *#06# again.
=== h_imei_serial | en | parts list | imei
Serial no. <<digits 15>>, lot <<digits 5>>
Serial no. <<digits 15>>, lot <<digits 5>>
=== h_ssn_bad | en | test data | us_ssn
Invalid SSNs: 000-<<int 10 99>>-<<digits 4>>, 666-<<int 10 99>>-<<digits 4>>, 9<<int 10 99>>-00-<<digits 4>>, 123-45-0000
=== h_ssn_part | en | parts list | us_ssn
Part <<digits 3>>-<<digits 3>>-<<digits 4>>-A, bin <<digits 2>>-<<digits 2>>, <<int 1 90>> pcs; form SSN-<<int 1 9>> rev. <<year 2010 2024>>
=== h_nhs_bad | en | support ticket | uk_nhs
NHS number <<bad nhs>> is not valid (modulus 11), please check the wristband.
=== h_nhs_ods | en | report | uk_nhs
NHS waiting list <<year 2019 2025>>: <<int 6 7>>,<<int 100 999>>,<<int 100 999>> patients, <<int 100 900>> trusts.
=== h_nino_bad | en | test data | uk_nino
Prefixes refused: BG<<digits 6>>A, GB <<int 10 99>> <<int 10 99>> <<int 10 99>> B, NK<<digits 6>>C, QQ<<digits 6>>A
=== h_bsn_bad | nl | support ticket | nl_bsn
BSN <<bad bsn bare>> voldoet niet aan de elfproef, dossier <<digits 4>>.
=== h_bsn_kvk | nl | mail signature | nl_bsn
KvK <<digits 8>> | btw NL<<digits 9>>B01 | artikel <<digits 6>>
=== h_pesel_bad | pl | support ticket | pl_pesel
Numer PESEL <<bad pesel>> ma błędną cyfrę kontrolną, wniosek <<digits 5>>.
=== h_pesel_nip | pl | invoice | pl_pesel
NIP <<digits 3>>-<<digits 3>>-<<int 10 99>>-<<int 10 99>>, faktura FV/<<digits 4>>/<<year 2019 2025>>, kwota <<money pl>> zł
=== h_cpf_bad | pt | support ticket | br_cpf
CPF <<bad cpf>> inválido: dígito verificador incorreto. Protocolo <<digits 6>>.
=== h_cpf_cnpj | pt | invoice | br_cpf
CNPJ <<int 10 99>>.<<digits 3>>.<<digits 3>>/0001-<<int 10 99>>, pedido <<digits 6>>, R$ <<money pt>>
=== h_dni_bad | es | support ticket | es_dni
El DNI <<bad dni>> no es correcto: la letra no coincide. Expediente <<digits 5>>.
=== h_cf_bad | it | support ticket | it_codice_fiscale
Il codice fiscale <<bad cf>> non supera il controllo. Pratica <<digits 5>>.
=== h_nir_bad | fr | support ticket | fr_nir
Le NIR <<bad nir>> a une clé incorrecte, dossier <<digits 5>>.
=== h_pnr_bad | sv | support ticket | se_personnummer
Personnummer <<bad pnr>> har fel kontrollsiffra, ärende <<digits 5>>.
=== h_pnr_org | sv | invoice | se_personnummer
Org.nr 55<<int 61 99>><<int 10 99>>-<<digits 4>>, OCR <<digits 8>>, bankgiro <<digits 4>>-<<digits 4>>
=== h_hetu_bad | fi | support ticket | fi_hetu
Henkilötunnus <<bad hetu>> ei läpäise tarkistusta, tiketti <<digits 5>>.
=== h_hetu_ytunnus | fi | invoice | fi_hetu
Y-tunnus <<digits 7>>-<<int 1 9>>, viite <<digits 7>>, eräpäivä <<date fi>>, summa <<money fi>> €
=== h_mrz_bad | en | test data | passport_mrz
# composite check digit is wrong
<<bad mrz>>
=== h_math | en | school paper | other
f(x) = <<int 2 9>>x^2 + <<int 2 90>>x - <<int 100 900>>; 3.14159265358979; n! for n=<<int 10 20>>; p < 0.00<<int 1 9>>
=== h_statute | de | court notice | other
§ <<int 100 900>> Abs. <<int 1 5>> Nr. <<int 1 9>> BGB, BGBl. I S. <<int 1000 3999>>, Art. 6 Abs. 1 lit. f DSGVO, BT-Drs. 19/<<digits 5>>
=== h_css | en | code | other
.grid { margin: 0 <<int 1 40>>px; width: calc(100% - <<int 10 90>>px); color: #<<hex 6>>; z-index: 10<<digits 2>>; }
=== h_recipe | it | recipe | other
<<int 200 500>> g di farina, <<int 1 4>> uova, forno a <<int 160 220>> °C per <<int 20 60>> minuti. Dosi per <<int 2 8>> persone.
=== h_sports_fi | fi | sports report | other
Ottelu päättyi <<int 0 9>>-<<int 0 9>> (<<int 0 3>>-1, 2-<<int 0 3>>, 1-0), yleisöä <<int 1000 9000>>. Seuraava peli <<date fi>> klo <<time>>.
=== h_ean | de | invoice | other
EAN <<ean>>   <<int 1 9>> x <<money de 90>> EUR
EAN <<ean>>   <<int 1 9>> x <<money de 90>> EUR
=== h_flight | en | travel plan | other
LH<<int 100 999>> <<up 3>>-<<up 3>> <<time>>-<<time>> seat <<int 1 40>>A, booking <<code 6>>, terminal <<int 1 3>>, gate <<up 1>><<int 1 60>>
=== h_metrics | en | application log | other
<<at py>> INFO gc heap=<<int 100 900>>MB->(<<int 10 90>>MB) pause=<<float 1 90>>ms id=<<digits 8>> ratio=<<float 0 1 6>>
=== h_tires | de | product page | other
Reifen 205/55 R16 91V, DOT <<int 10 52>><<int 18 24>>, Preis <<money de 200>> EUR, Lager <<int 1 90>> Stk.
=== h_table_stats | en | markdown table | other
| Year | Units | Growth |
|---|---|---|
%3-4%| <<year 2001 2024>> | <<int 1000 9000>> | +<<float 0 9 1>> % |
=== h_bus | pl | timetable | other
Linia <<int 100 199>>: 06:<<int 10 59>>, 07:<<int 10 59>>, 08:<<int 10 59>>; kursuje od <<date pl>> do <<date pl>>, przystanków <<int 10 40>>.
=== h_spanish_law | es | court notice | other
Ley <<int 1 40>>/<<year 1990 2023>>, artículo <<int 10 300>>.<<int 1 9>>, BOE núm. <<int 10 300>>, expediente <<digits 4>>/<<year 2010 2024>>.
=== h_changelog | en | release notes | other
## [<<int 1 9>>.<<int 0 20>>.<<int 0 9>>] - <<date iso>>
- fix #<<int 100 9000>>, bump deps, <<int 10 300>> files changed (+<<int 10 900>>, -<<int 10 900>>)
=== h_card_bad_fr | fr | support ticket | card
Le numéro <<bad card>> est refusé : la clé de contrôle (Luhn) est fausse. Ticket <<digits 5>>.
=== h_card_invoice | es | invoice | card
Pedido <<digits 16>>, referencia <<digits 4>>-<<digits 4>>-<<digits 2>>, tarjeta terminada en <<digits 4>>, importe <<money es 300>> €
=== h_imei_bad_de | de | test data | imei
Ungültige IMEI in Zeile <<int 1 900>>: <<bad imei>>, Luhn-Prüfung fehlgeschlagen
=== h_nhs_column | en | CSV | uk_nhs
nhs_number,status
%3-4%<<bad nhs bare>>,INVALID_CHECK_DIGIT
=== h_bsn_placeholder | nl | form | nl_bsn
BSN: _________ (9 cijfers, voorbeeld 000000000), formulier versie <<int 1 9>>.<<int 0 9>>, geldig vanaf <<date nl>>
=== h_pt_senha | pt | manual | secret
Esqueceu a senha? A senha deve ter de <<int 8 10>> a <<int 12 20>> caracteres. Senha: obrigatória. O link vale <<int 10 60>> minutos.
'''


# ---------------------------------------------------------------------------------------------------- rendering
SLOT = re.compile(r"<<(\w+)(#\w+)?((?: [^<>\n]+?)?)>>")
Template = collections.namedtuple("Template", "id language register target text")


def templates(block):
    out = []
    for part in re.split(r"(?m)^=== ", block)[1:]:
        head, _, text = part.partition("\n")
        fields = [f.strip() for f in head.split("|")]
        out.append(Template(*(fields + [""])[:4], text.rstrip("\n")))
    assert len({t.id for t in out}) == len(out), "two templates of one name"
    return out


def repeat_lines(text):
    out = []
    for line in text.split("\n"):
        m = re.match(r"%(\d+)-(\d+)%", line)
        out += [line[m.end():]] * R.randint(int(m[1]), int(m[2])) if m else [line]
    return "\n".join(out)


def render(template):
    text, spans, known, at = "", [], {}, 0
    source = repeat_lines(template.text)
    for m in SLOT.finditer(source):
        text += source[at:m.start()]
        at = m.end()
        kind, args = m[1], m[3].split()
        if kind in LABELLED:
            kind_type, maker = LABELLED[kind]
            value = known.get(m[2]) or maker(*args)
            assert CHECKS[kind_type](value), (template.id, kind, value)
            spans.append([len(text), len(text) + len(value), kind_type])
        else:
            value = known.get(m[2]) or FILLER[kind](*args)
        if m[2]:
            known[m[2]] = value
        text += value
    return text + source[at:], spans


# --------------------------------------------------------------- values which nobody meant, in the unlabelled rest
BIRTH = (r"\b(born|date of birth|birth_?date|d\.?o\.?b\.?|geboren|geb\.|geburtsdatum|n[ée]e?|naissance|nacid[oa]|nacimiento|nat[oa] il|nascita|"
         r"geboortedatum|ur\.|urodz\w+|nascid[oa]|nascimento|född|födelsedatum|syntynyt|syntymäaika)\b")
LOOSE = {
    "email": r"[\w.+-]+@[\w-]+\.[a-z]{2,}", "phone": r"(?<![\w.])(\+|00)[1-9]\d{0,2}[ (.-]{0,2}\d[\d ().-]{6,}\d", "mac": r"\b([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b(?![:-])",
    "ip": r"(?<![\w.])(?!127\.0\.0\.1|0\.0\.0\.0|255\.)\d{1,3}(\.\d{1,3}){3}(?![\w.])",
    "secret": "(?!ghp_x{36})" + SECRET_FORMS.pattern, "url_credentials": r"://[\w.-]+:[^\s@/]+@",
    "birth_date": BIRTH + r".{0,12}?(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.? \w+ \d{4})"}


def accidental(text, spans, hard):
    """The kind of an unlabelled value which looks or is valid, or None."""
    rest = text
    for a, b, _ in spans:
        rest = rest[:a] + "§" * (b - a) + rest[b:]
    for kind, pattern in LOOSE.items():
        if hard and kind in ("ip", "birth_date", "email", "mac"):
            continue  # those hard templates are written to look like it
        if re.search(pattern, rest, re.I if kind == "birth_date" else 0):
            return kind
    low = text.lower()
    runs = re.findall(r"\d(?:[ ./-]?\d)*", rest) + re.findall(r"\d+", rest) + [" ".join(x) for x in re.findall(r"(?=(?<!\d)(\d{4})[ -](\d{4})[ -](\d{4})(?!\d))", rest)]
    for run in runs:
        d = only_digits(run)
        word = lambda *w: hard or any(x in low for x in w)  # among the hard ones nothing valid at all, whatever the words
        if len(d) >= 14 and is_card(d) or len(d) == 15 and is_imei(d) and word("imei") or len(d) == 15 and is_nir(d):
            return "card/imei/nir"
        if is_aadhaar(d) and word("aadhaar", "aadhar") or is_de_tax_id(d) and word("steuer", "idnr") or is_nhs(d) and word("nhs") or is_bsn(d) and word("bsn"):
            return "aadhaar/tax/nhs/bsn"
        if is_pesel(d) or is_cpf(d) and word("cpf") or is_personnummer(d) and word("personnummer") or re.search(r"(?<!\d)\d{3}-\d\d-\d{4}(?!\d)", run) and is_ssn(run):
            return "pesel/cpf/pnr/ssn"
        if "ssn" in low and len(d) == 9 and is_ssn(d):
            return "ssn"
    for token in re.findall(r"[A-Za-z0-9]+(?:[ .-][A-Za-z0-9]+)*", rest):
        compact = re.sub(r"[ .-]", "", token)
        if is_iban(compact):
            return "iban"
    for token in re.findall(r"[\w+.-]+", rest):
        if is_es_dni(token) or is_codice_fiscale(token) or is_nino(token) or is_hetu(token) or is_ethereum(token) or token.startswith("bc1") and is_bech32(token) or \
                25 <= len(token) <= 35 and token[0] in "13" and is_base58check(token):
            return "letters"
    return None


def build(count, pool, hard, seed):
    order = []
    while len(order) < count:  # every template about equally often
        lap = list(pool)
        R.shuffle(lap)
        order += lap
    order = order[:count]
    R.shuffle(order)
    for i, t in enumerate(order):
        for attempt in range(400):
            text, spans = render(t)
            why = accidental(text, spans, hard)
            if why is None:
                break
        else:
            raise SystemExit(f"template {t.id}: always finds an unmeant {why}: {text}")
        assert not (hard and spans) and (hard or spans) and all(text[a:b] == text[a:b].strip() for a, b, _ in spans), t.id
        yield {"id": f"{'h' if hard else 'd'}{seed}-{i:04}", "template": t.id, "language": t.language, "register": t.register, "hard": hard, "text": text, "spans": spans}


def stats(rows):
    docs, hard = templates(DOCUMENTS), templates(HARD)
    print(f"document templates {len(docs)}, hard-negative templates {len(hard)}, registers {len({t.register for t in docs})}")
    print("languages:", dict(collections.Counter(t.language for t in docs).most_common()), "hard:", dict(collections.Counter(t.language for t in hard).most_common()))
    spans, where = collections.Counter(), collections.defaultdict(set)
    for r in rows:
        for _, _, k in r["spans"]:
            spans[k] += 1
            where[k].add(r["template"])
    aimed = collections.Counter(t.target for t in hard)
    print(f"{'type':20}{'spans':>7}{'templates':>11}{'hard templates aimed at it':>28}")
    for k in CHECKS:
        print(f"{k:20}{spans[k]:7}{len(where[k]):11}{aimed[k]:28}")
    print(f"{'all':20}{sum(spans.values()):7}{'':11}{len(hard):28}   ({aimed['other']} aimed at no one type)")
    uses = collections.Counter(r["template"] for r in rows)
    print(f"documents {sum(not r['hard'] for r in rows)}, hard {sum(r['hard'] for r in rows)}, uses of a template {min(uses.values())} to {max(uses.values())}")


def main():
    p = argparse.ArgumentParser(description="labelled test texts with personal data and secrets, by an author who had not seen the detector")
    p.add_argument("--seed", type=int, default=11)
    p.add_argument("--documents", type=int, default=1600)
    p.add_argument("--hard", type=int, default=600)
    p.add_argument("--stats", action="store_true", help="print counts instead of the texts")
    a = p.parse_args()
    self_test()
    R.seed(a.seed)
    rows = list(build(a.documents, templates(DOCUMENTS), False, a.seed)) + list(build(a.hard, templates(HARD), True, a.seed))
    if a.stats:
        return stats(rows)
    for r in rows:
        print(json.dumps(r, ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
