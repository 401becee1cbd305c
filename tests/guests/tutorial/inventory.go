// The inventory of the tutorial system, one line per request over TCP:
// PING, CHECK ITEM, RESERVE ITEM N. A reservation is written to the log and synced before it is told.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
)

var (
	lock  sync.Mutex
	stock = map[string]int{"widget": 10, "gadget": 1}
	wal   *os.File
)

func reserve(item string, count int) string {
	lock.Lock()
	defer lock.Unlock()
	left, known := stock[item]
	if !known {
		return "ERR no such item"
	}
	if left < count {
		return "ERR insufficient stock"
	}
	if _, err := fmt.Fprintf(wal, "RESERVE %s %d\n", item, count); err != nil {
		return "ERR wal write: " + err.Error()
	}
	if err := wal.Sync(); err != nil {
		return "ERR wal sync: " + err.Error()
	}
	stock[item] = left - count
	fmt.Printf("{\"level\": \"info\", \"msg\": \"reserved\", \"item\": \"%s\", \"left\": %d}\n", item, stock[item])
	return "OK " + strconv.Itoa(stock[item])
}

func answer(line string) string {
	words := strings.Fields(line)
	switch {
	case len(words) == 1 && words[0] == "PING":
		return "PONG"
	case len(words) == 2 && words[0] == "CHECK":
		lock.Lock()
		defer lock.Unlock()
		return strconv.Itoa(stock[words[1]])
	case len(words) == 3 && words[0] == "RESERVE":
		count, err := strconv.Atoi(words[2])
		if err != nil || count < 1 {
			return "ERR bad count"
		}
		return reserve(words[1], count)
	}
	return "ERR unknown command"
}

func serve(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		fmt.Fprintln(connection, answer(lines.Text()))
	}
}

func main() {
	var err error
	if wal, err = os.OpenFile(os.Getenv("WAL_PATH"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go serve(connection)
	}
}
