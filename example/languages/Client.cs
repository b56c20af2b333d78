// C#: a message and a question to an omni-ipc server over TCP. A real program would use a JSON library.
using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

static class Client
{
    static Stream stream;

    /// Sends one frame: JSON, and a form feed.
    static void Send(string json)
    {
        byte[] frame = Encoding.UTF8.GetBytes(json + "\f");
        stream.Write(frame, 0, frame.Length);
    }

    /// Reads up to the next form feed: bytes first, text after, as a chunk may end within a character.
    static string Receive()
    {
        var frame = new MemoryStream();
        for (int next = stream.ReadByte(); next != '\f'; next = stream.ReadByte())
        {
            if (next == -1) throw new EndOfStreamException("the server has ended the connection");
            frame.WriteByte((byte)next);
        }
        return Encoding.UTF8.GetString(frame.ToArray());
    }

    /// Asks, and reads on until the answer comes, which repeats the question's id.
    static string Request(string type, string json, int id)
    {
        Send("{\"type\":\"" + type + "\",\"data\":" + json + ",\"id\":" + id + "}");
        for (;;)
        {
            string frame = Receive();
            if (frame.Contains("\"type\":\"ipc:ping\"")) Send(frame.Replace("\"id\":", "\"re\":"));
            if (Regex.IsMatch(frame, "\"re\":" + id + "[,}]")) return frame;
        }
    }

    static void Main(string[] arguments)
    {
        using (var client = new TcpClient("127.0.0.1", int.Parse(arguments[0])))
        {
            stream = client.GetStream();
            Send("{\"type\":\"message\",\"data\":\"hello from C#\"}");
            Console.WriteLine(Request("add", "[2,40]", 1));
        }
    }
}
