# bash completion for faultbox. What it offers comes from the program's own help, so that it cannot be out of date.
#   source packaging/completions/faultbox.bash      or install it to /usr/share/bash-completion/completions/faultbox
_faultbox() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} word
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(faultbox help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p')" -- "$cur")
    return
  fi
  case "$prev" in
    --test)
      for word in "${COMP_WORDS[@]}"; do
        case "$word" in *.star) mapfile -t COMPREPLY < <(compgen -W "$(faultbox test "$word" --list 2>/dev/null)" -- "$cur") ;; esac
      done
      return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "text json junit" -- "$cur"); return ;;
    --explore) mapfile -t COMPREPLY < <(compgen -W "all sample" -- "$cur"); return ;;
    --isolation) mapfile -t COMPREPLY < <(compgen -W "auto full none" -- "$cur"); return ;;
    --protocol)
      mapfile -t COMPREPLY < <(compgen -W "amqp grpc http kafka memcached mongodb mysql nats postgres redis tcp" -- "$cur"); return ;;
  esac
  case "$cur" in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(faultbox "$command" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)" -- "$cur") ;;
    *)
      if [ "$command" = help ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(faultbox help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p')" -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      fi ;;
  esac
}
complete -o filenames -F _faultbox faultbox
