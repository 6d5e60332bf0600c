# The German man pages, man/de. What is generated in them is translated sentence by sentence, by sentences.tsv; the rest is
# translated by people, and translated.tsv has a fingerprint of each English paragraph that they translated.
# Sourced by scripts/docs, whose temporary folder, problem(), fill() and update() it uses.

german=man/de
# shellcheck disable=SC2154 # temporary is the caller's.

# german_blocks BLOCKS: them in German. The files untranslated and used of the temporary folder get what was looked up.
german_blocks() {
  LC_ALL=C awk -F '\t' -v untranslated="$temporary/untranslated" -v used="$temporary/used" '
    # Whether the sentence is the pattern, with a word that has a digit or an underscore, and so is code, for each #.
    function fits(pattern, sentence, wanted, words, count, i, at, word) {
      count = split(pattern, wanted, " ")
      if (split(sentence, words, " ") != count) return 0
      found = 0
      for (i = 1; i <= count; ++i) {
        if (words[i] == wanted[i]) continue
        if (!(at = index(wanted[i], "#"))) return 0
        word = substr(words[i], at, length(words[i]) - length(wanted[i]) + 1)
        if (words[i] != substr(wanted[i], 1, at - 1) word substr(wanted[i], at + 1) || word !~ /[0-9_]/) return 0
        code[++found] = word
      }
      return 1
    }
    function translation(sentence, pattern, text, i, at) {
      if (sentence in texts) {
        print sentence >>used
        return texts[sentence]
      }
      for (pattern in patterns) {
        if (!fits(pattern, sentence)) continue
        print pattern >>used
        text = patterns[pattern]
        for (i = 1; i <= found; ++i) {
          at = index(text, "#")
          text = substr(text, 1, at - 1) code[i] substr(text, at + 1)
        }
        return text
      }
      print sentence >>untranslated
      return sentence
    }
    NR == FNR && $1 ~ /#/ { patterns[$1] = $2; next }
    NR == FNR { texts[$1] = $2; next }
    !/^\./ { $0 = translation($0) }
    # Of a row of a table the last cell is a sentence.
    match($0, /^\.It .* Ta /) {
      row = substr($0, 1, RLENGTH)
      cell = substr($0, RLENGTH + 1)
      if (sub(/^Sy /, "", cell)) row = row "Sy "
      $0 = row translation(cell)
    }
    { print }' "$german/sentences.tsv" "$1"
}

form() { LC_ALL=C awk -v show=form -f scripts/page.awk "$1" | LC_ALL=C sort -u | cut -f 2-; }

# paragraphs PAGE: of each the line, a fingerprint of the text, and the text.
paragraphs() {
  local folder=$temporary/paragraphs
  mkdir "$folder"
  LC_ALL=C awk -v show=text -f scripts/page.awk "$1" >"$temporary/texts"
  (
    cd "$folder" || exit
    cut -f 2- "$temporary/texts" | split -l 1 -a 4
    sha256sum ./* | cut -c 1-12
  ) | paste "$temporary/texts" - | awk -F '\t' -v OFS='\t' '{ print $1, $3, $2 }'
  rm -r "$folder"
}

# german_page PAGE BLOCKS: fills the German twin of PAGE, and tells what is not as in PAGE.
german_page() {
  local name=${1##*/} twin=$german/${1##*/}
  if [ ! -e "$twin" ]; then
    problem "$twin" "is missing; repair: translate $1"
    return
  fi
  german_blocks "$2" >"$temporary/german.blocks"
  if fill "$temporary/german.blocks" "$twin" >"$temporary/page"; then
    update "$twin" "$temporary/page"
  else
    problem "$twin" "$(tail -n 1 "$temporary/page"); repair: correct its markers"
  fi
  if ! diff -U 2 --label "$1" <(form "$1") --label "$twin" <(form "$twin"); then
    problem "$twin" "is not built as $1; repair: have the same lists, examples, code words and numbers there"
  fi
  paragraphs "$1" | awk -F '\t' -v page="$name" '
    NR == FNR { if ($1 == page) known[$2] = 1; next }
    $2 in known { known[$2] = 0; next }
    { print "man/" page ":" $1 ": " $3 }
    END {
      for (mark in known) if (known[mark]) ++gone
      if (gone) print "man/" page ": " gone " that were translated are not there any more"
    }' "$german/translated.tsv" - >"$temporary/changed"
  if [ -s "$temporary/changed" ]; then
    cat "$temporary/changed"
    problem "$twin" "does not have these changes; repair: translate them, then: scripts/docs --translated $name"
  fi
}

# german_table: tells what the table of sentences lacks, and what it has in vain.
german_table() {
  local sentence
  while IFS= read -r sentence; do
    problem "$german/sentences.tsv" "has no German for: $sentence"
  done < <(sort -u "$temporary/untranslated")
  while IFS= read -r sentence; do
    problem "$german/sentences.tsv" "has what nobody says; repair: remove: $sentence"
  done < <(cut -f 1 "$german/sentences.tsv" | sort | comm -23 - <(sort -u "$temporary/used"))
  LC_ALL=C sort -c -u -t $'\t' -k 1,1 "$german/sentences.tsv" || problem "$german/sentences.tsv" "is not sorted, or has a sentence twice"
}

# german_done NAME…: notes that these German pages have what the English ones say now.
german_done() {
  local name
  for name in "$@"; do
    [ -e "$german/$name" ] || die "$german/$name does not exist"
    {
      awk -F '\t' -v page="$name" '$1 != page' "$german/translated.tsv"
      paragraphs "man/$name" | awk -F '\t' -v page="$name" '{ print page "\t" $2 }'
    } | LC_ALL=C sort -u >"$temporary/translated"
    cat "$temporary/translated" >"$german/translated.tsv"
  done
}
