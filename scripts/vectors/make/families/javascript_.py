"""better-auth's and Lucia's scrypt, made by their own packages, which npm installs for the moment."""

import json
import tempfile
import unicodedata

import scrypt

from common import ACCENTS, EMOJI, EMPTY, HERE, PLAIN, correct, malformed, run, salt_text, unidentified

PACKAGES = ("@better-auth/utils@0.5.1", "lucia@3.2.2")

#: Both normalise a password (NFKC) before they hash it: letters that are one sign become two.
LIGATURES = "ﬁve ﬂasks of ½ litre"

#: Few, for each of them takes a tenth of a second.
PASSWORDS = (PLAIN, EMPTY, ACCENTS, EMOJI, LIGATURES)


def made_by_packages(passwords):
    with tempfile.TemporaryDirectory() as directory:
        run(
            [
                "npm",
                "install",
                "--prefix",
                directory,
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                *PACKAGES,
            ]
        )
        return json.loads(run(["node", str(HERE / "hashes.mjs"), directory], json.dumps(passwords)))


def of_lucia_before_3(password, r):
    """What Lucia 1 and 2 wrote: a salt of 16 letters and digits, and the key."""
    salt = salt_text(16, password)
    normalised = unicodedata.normalize("NFKC", password)
    return f"{salt}:{scrypt.hash(normalised.encode(), salt.encode(), 16_384, r, 1, 64).hex()}"


def rows():
    made = []
    for password, (better_auth, lucia_3, lucia_2) in zip(PASSWORDS, made_by_packages(PASSWORDS)):
        made += [
            correct("better-auth", password, better_auth, PACKAGES[0]),
            correct("lucia-3", password, lucia_3, PACKAGES[1]),
            correct("lucia-2", password, lucia_2, f"{PACKAGES[1]}, LegacyScrypt"),
            correct("lucia-1", password, of_lucia_before_3(password, 8), "python-scrypt, as Lucia 1 has it"),
        ]
    made.append(
        correct("lucia-2", PLAIN, "s2:" + of_lucia_before_3(PLAIN, 16), "python-scrypt, as Lucia 2 has it")
    )
    good, legacy = made[0]["hash"], made[2]["hash"]
    return made + [
        unidentified("better-auth", good[:-1], "by hand: without its last digit"),
        unidentified("better-auth", good[:-1] + "g", "by hand: a digit that is none"),
        unidentified("better-auth", good[1:], "by hand: a salt of an odd length"),
        malformed("lucia-2", legacy[:-1], "without its last digit"),
        malformed("lucia-2", legacy + ":00", "something after the digest"),
        malformed("lucia-2", legacy[:-1] + "g", "a digit that is none"),
    ]
