// The scripts of program.c in Go: program PORT DIR FILES SCRIPT. Files and pipes by package os, as
// Go programs do it.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	dir       = os.Args[2]
	registers = map[string]int{}
	files     = map[string]*os.File{}
	listeners = map[string]net.Listener{}
	peers     = map[string]net.Conn{}
)

func path(name string) string { return dir + "/" + name }

func expression(text string) int {
	left, right, _ := strings.Cut(text, "+")
	plus, _ := strconv.Atoi(right)
	if left[0] >= 'a' && left[0] <= 'z' {
		return registers[left] + plus
	}
	value, _ := strconv.Atoi(left)
	return value + plus
}

func number(text []byte) int {
	value, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func flag(err error) int {
	if err == nil {
		return 1
	}
	return 0
}

func opened(name string) *os.File {
	if files[name] == nil {
		f, err := os.OpenFile(path(name), os.O_RDWR, 0)
		check(err)
		files[name] = f
	}
	return files[name]
}

func release(name string) {
	files[name].Close()
	delete(files, name)
}

func withFile(name string, flags int, use func(f *os.File)) error {
	f, err := os.OpenFile(path(name), flags, 0o666)
	if err != nil {
		return err
	}
	use(f)
	return f.Close()
}

func plock(name string, kind int16) {
	lock := syscall.Flock_t{Type: kind}
	check(syscall.FcntlFlock(opened(name).Fd(), syscall.F_SETLKW, &lock))
}

func execute(w []string) {
	switch w[0] {
	case "read":
		registers[w[2]] = -1
		withFile(w[1], os.O_RDONLY, func(f *os.File) {
			text := make([]byte, 8)
			n, _ := f.ReadAt(text, 0)
			registers[w[2]] = number(text[:n])
		})
	case "write":
		withFile(w[1], os.O_WRONLY, func(f *os.File) {
			f.WriteAt([]byte(fmt.Sprintf("%7d\n", expression(w[2]))), 0)
		})
	case "append":
		withFile(w[1], os.O_WRONLY|os.O_APPEND, func(f *os.File) { f.WriteString(w[2]) })
	case "truncate":
		size, _ := strconv.ParseInt(w[2], 10, 64)
		check(os.Truncate(path(w[1]), size))
	case "create":
		registers[w[2]] = flag(withFile(w[1], os.O_CREATE|os.O_EXCL|os.O_WRONLY, func(*os.File) {}))
	case "make":
		check(withFile(w[1], os.O_CREATE|os.O_WRONLY, func(*os.File) {}))
	case "stat":
		_, err := os.Stat(path(w[1]))
		registers[w[2]] = flag(err)
	case "link":
		registers[w[3]] = flag(os.Link(path(w[1]), path(w[2])))
	case "rename":
		registers[w[3]] = flag(syscall.Rename(path(w[1]), path(w[2])))
	case "unlink":
		registers[w[2]] = flag(syscall.Unlink(path(w[1])))
	case "mkdir":
		registers[w[2]] = flag(os.Mkdir(path(w[1]), 0o777))
	case "lock":
		check(syscall.Flock(int(opened(w[1]).Fd()), syscall.LOCK_EX))
	case "unlock":
		check(syscall.Flock(int(opened(w[1]).Fd()), syscall.LOCK_UN))
		release(w[1])
	case "plock":
		plock(w[1], syscall.F_WRLCK)
	case "punlock":
		plock(w[1], syscall.F_UNLCK)
		release(w[1])
	case "put":
		opened(w[1]).WriteString(w[2])
	case "take":
		size, _ := strconv.Atoi(w[2])
		text := make([]byte, size)
		n, err := opened(w[1]).Read(text)
		check(err)
		registers[w[3]] = number(text[:n])
	case "accept":
		peer, err := listeners[w[1]].Accept()
		check(err)
		peers[w[2]] = peer
	case "connect":
		peer, err := net.Dial("tcp", "127.0.0.1:"+w[2])
		check(err)
		peers[w[1]] = peer
	case "send":
		peers[w[1]].Write([]byte(w[2]))
	case "recv":
		size, _ := strconv.Atoi(w[2])
		text := make([]byte, size)
		n, err := peers[w[1]].Read(text)
		check(err)
		registers[w[3]] = number(text[:n])
	case "close":
		peers[w[1]].Close()
	case "sleep":
		ms, _ := strconv.Atoi(w[1])
		time.Sleep(time.Duration(ms) * time.Millisecond)
	case "listen":
	default:
		panic("no such statement: " + w[0])
	}
}

func run(script string) {
	for _, statement := range strings.Split(script, ";") {
		w := strings.Fields(statement)
		for len(w) > 1 && w[0] == "if" {
			left, right, _ := strings.Cut(w[1], "==")
			if expression(left) != expression(right) {
				w = nil
				break
			}
			w = w[2:]
		}
		if len(w) == 0 {
			continue
		}
		if w[0] == "stop" {
			return
		}
		execute(w)
	}
}

func reset() {
	for _, word := range strings.Fields(os.Args[3]) {
		end := strings.IndexAny(word, "=|?")
		name, kind, content := word[:end], word[end], word[end+1:]
		if kind == '?' {
			os.Remove(path(name))
		}
		if kind == '|' {
			syscall.Mkfifo(path(name), 0o666)
		}
		if kind == '=' {
			withFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, func(f *os.File) {
				if content != "" {
					value, _ := strconv.Atoi(content)
					fmt.Fprintf(f, "%7d\n", value)
				}
			})
		}
	}
}

func state() (told string) {
	for _, word := range strings.Fields(os.Args[3]) {
		end := strings.IndexAny(word, "=|?")
		if word[end] == '|' {
			continue
		}
		text := "none"
		content, err := os.ReadFile(path(word[:end]))
		if err == nil {
			text = strings.Join(strings.Fields(string(content)), "")
		} else if !errors.Is(err, os.ErrNotExist) {
			panic(err)
		}
		told += word[:end] + "=" + text + " "
	}
	return told
}

func tellRegisters() (told string) {
	var names []string
	for name := range registers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		told += fmt.Sprintf(" %s=%d", name, registers[name])
	}
	return told
}

func listenAt(port string) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	check(err)
	return listener
}

func main() {
	os.MkdirAll(dir, 0o777)
	for _, statement := range strings.Split(os.Args[4], ";") {
		if w := strings.Fields(statement); len(w) == 3 && w[0] == "listen" {
			listeners[w[1]] = listenAt(w[2])
		}
	}
	server := listenAt(os.Args[1])
	for {
		connection, err := server.Accept()
		check(err)
		line := make([]byte, 255)
		n, _ := connection.Read(line)
		reply := "ok"
		switch strings.TrimSpace(string(line[:n])) {
		case "reset":
			reset()
		case "go":
			run(os.Args[4])
			reply += tellRegisters()
		case "state":
			reply = state()
		}
		if n > 0 {
			fmt.Fprintln(connection, reply)
		}
		connection.Close()
	}
}
