#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-mnemonics.py SOURCE: in each menu, popover and form of ui/ no two words have the same letter underlined, in English
and in every language that it is translated into, and no translation has lost its letter."""
import ast
import glob
import os
import re
import sys
import xml.etree.ElementTree as ET

# One beside the other, in one window.
TOGETHER = [("cyt-training-window", "cyt-training-setup"), ("cyt-training-window", "cyt-training-view"),
            ("cyt-window", "cyt-concept-card", "cyt-missing-banner", "cyt-rater-bar")]


def read_translations(path):
    """Of plain entries, which those of ui/ are."""
    texts, field = {}, None
    with open(path, encoding="utf-8") as file:
        for entry in re.split(r"\n\s*\n", file.read()):
            fields = {}
            for line in entry.splitlines():
                match = re.match(r"(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) (\".*\")$", line)
                if match:
                    field = match.group(1)
                    fields[field] = ast.literal_eval(match.group(2))
                elif line.startswith('"') and field in fields:
                    fields[field] += ast.literal_eval(line)
            texts[fields.get("msgid")] = fields.get("msgstr")
    return texts


def collect(element, scope, scopes):
    if element.tag in ("menu", "submenu") or "Popover" in element.get("class", ""):
        scope = f"{scope} {element.get('id') or element.tag}"
    text = element.text or ""
    if element.tag in ("property", "attribute") and element.get("translatable") and re.search(r"_\w", text):
        scopes.setdefault(scope, []).append(text)
    for child in element:
        collect(child, scope, scopes)


def find_letter(text):
    match = re.search(r"_(\w)", text)
    return match.group(1).lower() if match else None


os.chdir(sys.argv[1])
scopes, failed = {}, False
for path in sorted(glob.glob("ui/*.ui")):
    collect(ET.parse(path).getroot(), os.path.basename(path)[:-3], scopes)
for names in TOGETHER:
    scopes[" + ".join(names)] = [text for name in names for text in scopes.get(name, [])]
with open("po/LINGUAS", encoding="utf-8") as linguas:
    languages = {"en": {}} | {name: read_translations(f"po/{name}.po") for name in linguas.read().split()}
for language, texts in languages.items():
    for scope, words in scopes.items():
        seen = {}
        for word in words:
            word = texts.get(word, word)
            letter = find_letter(word)
            if letter is None:
                print(f"{language}, {scope}: no letter in “{word}”")
                failed = True
            elif letter in seen and seen[letter] != word:
                print(f"{language}, {scope}: {letter.upper()} is of “{seen[letter]}” and of “{word}”")
                failed = True
            seen[letter] = word
assert sum(map(len, scopes.values())) > 100, "the files are not where they were"
sys.exit(failed)
