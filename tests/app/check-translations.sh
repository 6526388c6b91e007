#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check-translations.sh SOURCE: every file with words is listed for translators, and every translation is complete.
set -eu
cd "$1/po"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

for file in ../ui/*.ui ../src/app/*.c; do
  grep -qE 'translatable="yes"|[^a-z](_|N_|C_|ngettext) \("' "$file" || continue
  grep -qx "${file#../}" POTFILES || { echo "${file#../} is not in po/POTFILES"; status=1; }
done
xgettext --files-from=POTFILES --directory=.. --from-code=UTF-8 -k_ -kN_ -kC_:1c,2 -kngettext:1,2 \
  -o "$scratch/all.pot" 2>/dev/null
for language in $(cat LINGUAS); do
  msgfmt --check-format -o "$scratch/$language.mo" "$language.po" || status=1
  msgcmp "$language.po" "$scratch/all.pot" || status=1
done
exit $status
