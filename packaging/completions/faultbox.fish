# fish completion for faultbox; what it offers comes from the program's own help.
function __faultbox_flags
    set -l words (commandline -opc)
    test (count $words) -ge 2; and faultbox $words[2] --help 2>/dev/null | string match -rag -- '(--[a-z][a-z-]*)' | sort -u
end
complete -c faultbox -n 'test (count (commandline -opc)) -eq 1' -f -a "(faultbox help 2>/dev/null | string replace -rf '^  ([a-z]+) +(.*)' '\$1\t\$2')"
complete -c faultbox -n 'test (count (commandline -opc)) -ge 2' -a '(__faultbox_flags)'
