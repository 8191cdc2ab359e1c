/**
 * The guardian, for any POSIX shell. Reads `+ <group>` and `- <group>` from stdin; at its end, which is the death of whoever held the other end,
 * asks all groups on its list to end, gives them a second, and kills the rest. It runs in a session of its own and ignores
 * what a terminal sends, so what ends the gateway does not end it.
 */
export const guardianScript = `
trap '' HUP INT QUIT TERM PIPE
groups=' '
while read -r verb group; do
  case "$verb$groups" in
    +*" $group "*) ;;
    +*) groups="$groups$group " ;;
    -*" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;;
  esac
done
keep_living() {
  living=' '
  for group in $groups; do
    kill -0 "-$group" 2>/dev/null && living="$living$group "
  done
  groups=$living
}
for group in $groups; do kill -TERM "-$group" 2>/dev/null; done
tries=0
keep_living
while [ "$groups" != ' ' ] && [ "$tries" -lt 10 ]; do
  sleep 0.1
  tries=$((tries + 1))
  keep_living
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
`;
