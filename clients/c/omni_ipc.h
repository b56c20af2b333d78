/*
 * A client for omni-ipc's and node-ipc's servers: one header, one source, C99 and POSIX, no dependencies. docs/wire.md
 * specifies the bytes.
 *
 *     static void on_message(omni_client *client, const char *type, omni_slice data, void *user) {
 *         printf("%s: %.*s\n", type, (int)data.length, data.text);
 *     }
 *
 *     omni_client *client = omni_open("unix:/tmp/app.world", NULL);
 *     omni_on(client, "message", on_message, NULL);
 *     omni_emit(client, "message", omni_json("\"hello\""));
 *     while (omni_poll(client, -1) == OMNI_OK) {}
 *     omni_free(client);
 *
 * Only omni_poll, omni_flush and the lookup of a host name block. In your own event loop, poll omni_fd for omni_events,
 * wait no longer than omni_timeout, and call omni_process. Get the descriptor again each time, because a client that
 * reconnects has another one. Use a client in one thread only. Its callbacks must not call omni_process, omni_poll,
 * omni_flush (these return OMNI_E_ARGUMENT) or omni_free.
 *
 * Data are JSON texts. This library validates them and splits them from frames, and does not parse their values. Use a JSON
 * library for that, or the helpers at the end for simple values.
 */
#ifndef OMNI_IPC_H
#define OMNI_IPC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that the slice does not own, without a NUL at the end. In a callback it is valid until the callback returns. */
typedef struct omni_slice {
    const char *text;
    size_t length;
} omni_slice;

/* An error: one of omni-ipc's ERR_IPC_* codes or the code of a handler's error, and a message. */
typedef struct omni_error {
    const char *code;
    const char *message;
} omni_error;

enum {
    OMNI_OK = 0,
    OMNI_E_ARGUMENT = -1,     /* a name that begins with "ipc:", an invalid address, or the wrong framing */
    OMNI_E_JSON = -2,         /* data that is not JSON, is not UTF-8, or nests more than 499 levels deep */
    OMNI_E_BACKPRESSURE = -3, /* more than max_pending_bytes would wait to be sent; the call had no effect */
    OMNI_E_MEMORY = -4,       /* out of memory */
    OMNI_E_CLOSED = -5,       /* the client has ended for good */
    OMNI_E_TIMEOUT = -6,      /* omni_flush: not all was sent in time */
    OMNI_E_TOO_LARGE = -7     /* omni_decoder_feed: a frame is longer than the limit */
};

/* Returns the meaning of a status code, in English. */
const char *omni_strerror(int status);

typedef enum omni_framing {
    OMNI_JSON = 0,      /* packets: node-ipc's JSON and delimiter */
    OMNI_RAW = 1,       /* bytes without framing, for servers with rawBuffer */
    OMNI_LENGTH_LE = 2, /* each message after its length in four bytes, little-endian */
    OMNI_LENGTH_BE = 3  /* the same, big-endian */
} omni_framing;

typedef struct omni_client omni_client;
typedef struct omni_call omni_call;

typedef void (*omni_event_fn)(omni_client *client, const char *type, omni_slice data, void *user);
typedef void (*omni_topic_fn)(omni_client *client, const char *topic, omni_slice data, void *user);
typedef void (*omni_handler_fn)(omni_client *client, omni_call *call, omni_slice data, void *user);
/* error is NULL if the request was answered. */
typedef void (*omni_reply_fn)(omni_client *client, const omni_error *error, omni_slice data, void *user);

/* Zero-initialize it. A field that is 0 or NULL has its default. */
typedef struct omni_options {
    omni_framing framing;        /* OMNI_JSON */
    const char *delimiter;       /* the end of each frame: "\f" */
    int retry_ms;                /* time until the next attempt after a lost connection: 500 */
    int max_retries;             /* consecutive attempts that may fail: 0 for any number, -1 for none */
    int request_timeout_ms;      /* 10000; -1 waits forever */
    int message_timeout_ms;      /* the connection ends after this time without a byte of an incomplete frame: 30000; -1 never */
    size_t max_message_size;     /* the longest frame that is accepted, in bytes: 64 MiB */
    size_t max_pending_bytes;    /* the most bytes that may wait to be sent: 64 MiB */
    void *user;                  /* passed to the three callbacks below, which a server cannot trigger by an event */
    void (*on_connect)(omni_client *client, void *user);
    void (*on_disconnect)(omni_client *client, omni_slice reason, void *user); /* reason: JSON, or empty */
    void (*on_error)(omni_client *client, const omni_error *error, void *user);
} omni_options;

/*
 * Starts to connect to "unix:/path", a path, or "tcp://host:port". options may be NULL. Messages that are sent without a
 * connection are kept, and sent first when there is one. Returns NULL if the address or an option is invalid (errno
 * EINVAL), or if there is not enough memory.
 */
omni_client *omni_open(const char *address, const omni_options *options);

/* Starts to close the client. If reason.length > 0, it sends the JSON reason. omni_process sends the queue and ends. */
void omni_close(omni_client *client, omni_slice reason);

/* Destroys the connection and frees everything. Do not call it in a callback. Open requests fail with ERR_IPC_CLOSED. */
void omni_free(omni_client *client);

int omni_connected(const omni_client *client);

/* For your own event loop: the descriptor (-1: none at present), POLLIN | POLLOUT, and milliseconds (-1: no limit). */
int omni_fd(const omni_client *client);
short omni_events(const omni_client *client);
int omni_timeout(const omni_client *client);

/* Reads, writes, calls callbacks and reconnects, without blocking. Returns OMNI_OK or OMNI_E_CLOSED. */
int omni_process(omni_client *client);

/* Waits for activity, at most the given milliseconds (-1: no limit), and processes it. */
int omni_poll(omni_client *client, int timeout_ms);

/* Processes until the kernel has accepted everything. Returns OMNI_OK, OMNI_E_TIMEOUT or OMNI_E_CLOSED. */
int omni_flush(omni_client *client, int timeout_ms);

/* Sets a callback for the events of a type, or of every type (NULL). Raw and length-prefixed framings have one type, "data". */
int omni_on(omni_client *client, const char *type, omni_event_fn callback, void *user);

/* Sends an event; an empty slice is sent as {}. */
int omni_emit(omni_client *client, const char *type, omni_slice json);

/* Sends bytes (raw and length-prefixed framings). */
int omni_send(omni_client *client, const void *bytes, size_t length);

/* Sends a request. The callback is called once. timeout_ms: 0 is the default, -1 waits forever. */
int omni_request(omni_client *client, const char *type, omni_slice json, int timeout_ms, omni_reply_fn reply, void *user);
int omni_ping(omni_client *client, int timeout_ms, omni_reply_fn reply, void *user);

/* Handles the server's requests of a type. Answer or refuse each call once, now or later. That ends the call. */
int omni_handle(omni_client *client, const char *type, omni_handler_fn handler, void *user);
int omni_answer(omni_call *call, omni_slice json);
int omni_refuse(omni_call *call, const char *code, const char *message);

/* Topics and patterns: "a.b", "a.*", "a.>". Subscriptions continue after a reconnect. reply may be NULL. */
int omni_subscribe(omni_client *client, const char *pattern, omni_topic_fn callback, omni_reply_fn reply, void *user);
int omni_unsubscribe(omni_client *client, const char *pattern, omni_reply_fn reply, void *user);
int omni_publish(omni_client *client, const char *topic, omni_slice json);

/* JSON helpers. */

/* Returns a slice of a string that ends with a NUL. */
omni_slice omni_json(const char *text);
/* Returns whether the slice is one JSON value in UTF-8 that nests no deeper than the given levels. */
int omni_json_valid(omni_slice json, int levels);
/* Returns a member of an object (the last of its name) or an item of an array, or an empty slice if it is missing. */
omni_slice omni_json_member(omni_slice object, const char *name);
omni_slice omni_json_item(omni_slice array, size_t index);
/* Writes the text of a JSON string and a NUL into size bytes, truncated if it is longer. Returns its full length in bytes. */
size_t omni_json_text(omni_slice string, char *text, size_t size);
/* Returns a JSON string of UTF-8 text, to be freed by you, or NULL without memory. Invalid bytes become U+FFFD. */
char *omni_json_quote(const char *text, size_t length);

/* The wire alone, without a socket. */

typedef struct omni_packet {
    omni_slice type;  /* unescaped, followed by a NUL */
    omni_slice data;  /* JSON; empty if missing, like all fields below */
    omni_slice id;    /* a JSON number or string */
    omni_slice re;    /* a JSON number or string */
    omni_slice error; /* JSON */
    const char *fault; /* why the frame is not a packet; NULL if it is one */
} omni_packet;

typedef struct omni_decoder omni_decoder;
typedef void (*omni_packet_fn)(const omni_packet *packet, void *user);

omni_decoder *omni_decoder_new(const char *delimiter, size_t max_message_size);
/* Calls the callback for each complete frame. Do not use the decoder after OMNI_E_TOO_LARGE or OMNI_E_MEMORY. */
int omni_decoder_feed(omni_decoder *decoder, const void *bytes, size_t length, omni_packet_fn callback, void *user);
void omni_decoder_free(omni_decoder *decoder);
/* Returns the frame of a packet with its delimiter, to be freed by you, or NULL. The slices must be valid JSON. */
char *omni_encode(const omni_packet *packet, const char *delimiter, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
