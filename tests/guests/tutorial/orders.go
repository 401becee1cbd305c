// The order service of the tutorial system: GET /health, GET /stock/ITEM, POST /orders "ITEM N".
// It asks the inventory over a new connection each time: 200 done, 409 refused, 503 unreachable or
// failed, 504 no answer within a second.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func ask(line string) (string, error) {
	connection, err := net.DialTimeout("tcp", os.Getenv("INVENTORY_ADDR"), time.Second)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprintln(connection, line); err != nil {
		return "", err
	}
	reply, err := bufio.NewReader(connection).ReadString('\n')
	return strings.TrimSpace(reply), err
}

func status(reply string, err error) int {
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		return http.StatusGatewayTimeout
	}
	switch {
	case err != nil, strings.HasPrefix(reply, "ERR wal"):
		return http.StatusServiceUnavailable
	case strings.HasPrefix(reply, "ERR"):
		return http.StatusConflict
	}
	return http.StatusOK
}

func answer(w http.ResponseWriter, reply string, err error) {
	code := status(reply, err)
	fmt.Printf("level=info msg=answered status=%d\n", code)
	if err != nil {
		reply = "inventory: " + err.Error()
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, "{\"reply\": %q}\n", reply)
}

func main() {
	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/stock/", func(w http.ResponseWriter, r *http.Request) {
		reply, err := ask("CHECK " + strings.TrimPrefix(r.URL.Path, "/stock/"))
		answer(w, reply, err)
	})
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		reply, err := ask("RESERVE " + strings.TrimSpace(string(body)))
		answer(w, reply, err)
	})
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
