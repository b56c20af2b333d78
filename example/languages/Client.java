import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Java 8 or later: a message and a question to an omni-ipc server over TCP. A real program would use a JSON library. */
public final class Client {
    private final InputStream in;
    private final OutputStream out;

    private Client(Socket socket) throws IOException {
        in = new java.io.BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Sends one frame: JSON, and a form feed. */
    private void send(String json) throws IOException {
        out.write((json + '\f').getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** Reads up to the next form feed: bytes first, text after, as a chunk may end within a character. */
    private String receive() throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\f'; next = in.read()) {
            if (next == -1) throw new EOFException("the server has ended the connection");
            frame.write(next);
        }
        return new String(frame.toByteArray(), StandardCharsets.UTF_8);
    }

    /** Asks, and reads on until the answer comes, which repeats the question's id. */
    private String request(String type, String json, int id) throws IOException {
        send("{\"type\":\"" + type + "\",\"data\":" + json + ",\"id\":" + id + "}");
        for (;;) {
            String frame = receive();
            if (frame.contains("\"type\":\"ipc:ping\"")) send(frame.replace("\"id\":", "\"re\":"));
            if (frame.matches("(?s).*\"re\":" + id + "[,}].*")) return frame;
        }
    }

    public static void main(String[] arguments) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(arguments[0]))) {
            Client client = new Client(socket);
            client.send("{\"type\":\"message\",\"data\":\"hello from Java\"}");
            System.out.println(client.request("add", "[2,40]", 1));
        }
    }
}
