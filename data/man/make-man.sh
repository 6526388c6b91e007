#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-man.sh CYTOSAE HEAD FOOT: the manual page of the command line on stdout. What the commands do and which options
# they have is taken from their own --help, so that it is written once.
set -eu
cytosae=$1

roff ()
{
  sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"
}

# describe WORD…: the manual of `cytosae WORD…`.
describe ()
{
  printf '.SS "%s"\n' "cytosae $(printf %s "$*" | roff)"
  "$cytosae" "$@" --help | roff | awk '
    # Usage:, the line of options, summary; then "Options:"; then prose until "Example:", which is code.
    /^Usage:/          { part = "usage"; next }
    /^Options:/        { part = "options"; next }
    /^Kinds:/          { part = "prose"; print ".PP"; print; next }
    /^Examples?:/      { part = "example"; print ".PP\n.nf"; next }
    part == "usage"    { if ($0 ~ /^  /) { print ".B " substr ($0, 3) "\n.PP" } else if ($0 != "") print; next }
    part == "options" && /^$/ { part = "prose"; print ".PP"; next }
    part == "options" && match ($0, /^  [^ ].*[^ ]  +[^ ]/) {
      option = substr ($0, 3); split (option, words, /   */)
      text = substr ($0, index ($0, words[2])); sub (/ +$/, "", words[1])
      print ".TP\n.B " words[1] "\n" text; next
    }
    part == "options"  { sub (/^ +/, ""); print ($0 ~ /^\\-/ ? ".TP\n.B " : "") $0; next }
    part == "prose" && /^$/   { print ".PP"; next }
    part == "prose" && /^  /  { print ".br" }
    { print }
    END { if (part == "example") print ".fi" }'
}

cat "$2"
echo '.SH COMMANDS'
"$cytosae" --help | sed -n '/^Commands:/,/^$/p' | sed -n 's/^  \([a-z-]*\) .*/\1/p' | while read -r command; do
  describe "$command"
  [ "$command" != figure ] || "$cytosae" figure --help | sed -n '/^Kinds:/,/^$/p' | sed -n 's/^  \([a-z-]*\) .*/\1/p' \
    | while read -r kind; do describe figure "$kind"; done
done
cat "$3"
