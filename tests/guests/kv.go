// The store of kv.c in Go: `go` appends a line to FILE and syncs it, `state` connects to port 7099.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

func put(file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write([]byte("line\n")); err != nil {
		return err
	}
	return f.Sync()
}

func dial() error {
	peer, err := net.Dial("tcp", "127.0.0.1:7099")
	if err == nil {
		peer.Close()
	}
	return err
}

func serve(connection net.Conn) {
	defer connection.Close()
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return
	}
	if strings.HasPrefix(line, "go") {
		err = put(os.Args[2])
	}
	if strings.HasPrefix(line, "state") {
		err = dial()
	}
	reply := "ok"
	var number syscall.Errno
	if errors.As(err, &number) {
		// Go writes errno texts without the capital of the C library.
		text := number.Error()
		reply = "error: " + strings.ToUpper(text[:1]) + text[1:]
	} else if err != nil {
		reply = "error: " + err.Error()
	}
	fmt.Fprintln(connection, reply)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go serve(connection)
	}
}
