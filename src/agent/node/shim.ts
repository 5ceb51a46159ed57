/**
 * What stands between a task and its agent: a shell of its own that holds the pipes, notes how the task ended, and outlives
 * the agent. A shell because there is one for every task: it weighs a megabyte and starts in a few milliseconds.
 *
 * It runs in the sandbox, with these words: the tools `dd`, `wc` and `mv` by their paths (the task may have any `PATH`), how
 * many bytes a file of output may have, how many older files are kept, what puts a process into its confinement, and then
 * the command. Beside the output it leaves in the sandbox:
 *
 * - `.proffer/claim`: made by whoever decides first whether the task starts, the shim or an agent that came back and gave
 *   up on it. So it can't start twice, nor late.
 * - `.proffer/pid`: its own process id and that of the task, which leads a session of its own.
 * - `.proffer/exit`: the exit status, with a line break when it is whole. Of a task that a signal ended, 128 and its number.
 */

/** Where the shim's notes are, in the sandbox. */
export const notes = '.proffer';

/** How much is moved at a time. A writer waits when the pipe is full, so this bounds nothing but the number of moves. */
const block = 4_096;

/**
 * The command runs in the foreground of a subshell, for a shell without job control has what runs in its background ignore
 * the signals of a terminal.
 *
 * `dd` passes on what it reads as it comes, so a file can be followed, and counts its reads: after `count` of them at most
 * `count` blocks were written and the size is looked at; after fewer the pipe has ended. When nothing can be written (the
 * disk is full), output is dropped rather than the task stopped.
 */
const text = `
dd=$1 wc=$2 mv=$3 cap=$4 older=$5 entry=$6
shift 6
set -C
: > .proffer/claim
set +C

turn() {
  i=$older
  while [ "$i" -gt 1 ]; do
    [ -e "$1.$((i - 1))" ] && "$mv" -f "$1.$((i - 1))" "$1.$i"
    i=$((i - 1))
  done
  if [ "$older" -gt 0 ]; then "$mv" -f "$1" "$1.1"; else : > "$1"; fi
}

keep() {
  : >> "$1"
  room=$cap
  while :; do
    count=$((room / ${block}))
    [ "$count" -gt 0 ] || count=1
    if ! said=$(LC_ALL=C "$dd" bs=${block} count="$count" 2>&1 >> "$1"); then
      "$dd" of=/dev/null
      return
    fi
    said=\${said%% records in*}
    [ $((\${said##*[!0-9+]})) -lt "$count" ] && return
    room=$((cap - $("$wc" -c < "$1")))
    [ "$room" -gt 0 ] || { turn "$1"; room=$cap; }
  done
}

run() {
  exec 4>&2 2> /dev/null
  (
    read -r self rest < /proc/self/stat || self=$(exec /bin/sh -c 'echo $PPID')
    echo "$$ $self" > .proffer/pid
    eval "$entry" && exec "$@"
  ) < /dev/null 2>&4 4>&-
  code=$?
  read -r shim pid < .proffer/pid
  kill -s KILL -- "-$pid"
  echo "$code" > .proffer/exit
}

{ run "$@" 2>&3 3>&- | keep stdout > /dev/null 2>&1 3>&-; } 3>&1 | keep stderr > /dev/null 2>&1
`;

/** What a shim is started with. */
export interface ShimCommand {
  readonly tools: ShimTools;
  /** Of one file of output, bytes. */
  readonly capBytes: number;
  /** How many full files are kept beside the one that is written. */
  readonly olderFiles: number;
  /** Shell commands with which a process puts itself into its confinement; may be empty. */
  readonly entry: string;
  readonly command: readonly string[];
}

/** The programs that a shim needs, by their paths. */
export interface ShimTools {
  readonly dd: string;
  readonly wc: string;
  readonly mv: string;
  /** Starts a program in a session of its own; absent where there is no such program. */
  readonly setsid?: string;
}

/** The words with which `/bin/sh` becomes the shim of a command. */
export function shimArguments({ tools, capBytes, olderFiles, entry, command }: ShimCommand): readonly string[] {
  // Without `setsid` the shell's own job control gives the task a process group at least.
  const program = tools.setsid === undefined ? `set -m\n${text}` : text;
  const words = [tools.dd, tools.wc, tools.mv, String(capBytes), String(olderFiles), entry === '' ? ':' : entry];
  const session = tools.setsid === undefined ? [] : [tools.setsid];
  return ['-c', program, 'proffer-task', ...words, ...session, ...command];
}
