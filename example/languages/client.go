// Go: a message and a question to an omni-ipc server. Run it with: go run client.go unix /tmp/app.world
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
)

// A Packet is one frame.
type Packet struct {
	Type  string                          `json:"type"`
	Data  any                             `json:"data"`
	ID    json.RawMessage                 `json:"id,omitempty"`
	Re    json.RawMessage                 `json:"re,omitempty"`
	Error *struct{ Code, Message string } `json:"error,omitempty"`
}

func send(connection net.Conn, packet Packet) {
	frame, err := json.Marshal(packet)
	if err == nil {
		_, err = connection.Write(append(frame, '\f'))
	}
	check(err)
}

// request asks, and reads on until the answer comes, which repeats the question's id.
func request(connection net.Conn, reader *bufio.Reader, kind string, data any, id string) Packet {
	send(connection, Packet{Type: kind, Data: data, ID: json.RawMessage(id)})
	for {
		frame, err := reader.ReadBytes('\f')
		check(err)
		var packet Packet
		check(json.Unmarshal(frame[:len(frame)-1], &packet))
		if packet.Type == "ipc:ping" && packet.ID != nil {
			send(connection, Packet{Type: "ipc:ping", Data: struct{}{}, Re: packet.ID})
		} else if string(packet.Re) == id {
			return packet
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	connection, err := net.Dial(os.Args[1], os.Args[2])
	check(err)
	defer connection.Close()
	send(connection, Packet{Type: "message", Data: "hello from Go"})
	fmt.Println(request(connection, bufio.NewReader(connection), "add", []int{2, 40}, "1").Data)
}
