"""What every family needs: invented passwords, salts that are the same each time, and the form of a row."""

import hashlib
import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent

PLAIN = "Ada writes engines"
EMPTY = ""
ACCENTS = "café crème à Genève"
EMOJI = "🐙 eight arms 🐙"
LONG = "eighty bytes of a sentence that somebody thought a good password for the archive"
SPACES = "  two before, two after  "

assert len(LONG.encode()) == 80

#: In every family each of these is hashed by some program.
PASSWORDS = (PLAIN, EMPTY, ACCENTS, EMOJI, LONG, SPACES)


def salt(length, seed):
    """Bytes that are the same at each run."""
    return hashlib.shake_128(f"authgraft {seed}".encode()).digest(length)


def salt_text(length, seed, alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"):
    """Letters and digits that are the same at each run."""
    return "".join(alphabet[byte % len(alphabet)] for byte in salt(length, seed))


def correct(name, password, stored, source, **settings):
    """A row of a hash that verifies its password."""
    return _row("correct", name, stored, source, password, settings)


def malformed(name, stored, why, **settings):
    """A row of a text that begins as its format's do and is none of it."""
    return _row("malformed", name, stored, f"by hand: {why}", None, settings)


def refused(name, stored, maker):
    """A row of what is recognised, and refused by its name."""
    return _row("malformed", name, stored, f"{maker}; refused by name", None, {})


def unidentified(name, stored, why, **settings):
    """A row of a text that is nobody's."""
    return _row("unidentified", name, stored, why, None, settings)


def unusable(name, stored, why):
    """A row of a text that says that nobody signs in by it."""
    return _row("unusable", name, stored, why, PLAIN, {})


def _row(kind, name, stored, source, password, settings):
    row = {"kind": kind, "format": name}
    if password is not None:
        row["password"] = password
    row["hash"] = stored
    if settings:
        row["settings"] = settings
    row["source"] = source
    return row


def run(command, stdin=""):
    """What a program prints, without the end of its last line."""
    done = subprocess.run(command, input=stdin.encode(), capture_output=True, check=True)
    return done.stdout.decode().rstrip("\n")


def php(jobs):
    """Hashes that PHP makes: see hashes.php for what a job is."""
    return json.loads(run(["php", str(HERE / "hashes.php")], json.dumps(jobs)))


def hashcat(mode):
    """The hash and the password that hashcat tests a mode with."""
    printed = run(["hashcat", "--hash-type", str(mode), "--example-hashes", "--machine-readable"])
    example = json.loads(printed[printed.index("{") :])[str(mode)]
    return example["example_hash"], example["example_pass"]
