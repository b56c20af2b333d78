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
 * Nothing here blocks but omni_poll, omni_flush and the look-up of a host's name. In a loop of your own, poll omni_fd for
 * omni_events, wait no longer than omni_timeout, and call omni_process; ask for the descriptor again each time, since a
 * client that reconnects gets another one. A client belongs to one thread, and its callbacks must not call omni_process,
 * omni_poll, omni_flush (OMNI_E_ARGUMENT) or omni_free.
 *
 * Data are JSON texts: this library checks and cuts them, and leaves their meaning to you or to a JSON library of your
 * choice. The helpers at the end read and write the simple ones.
 */
#ifndef OMNI_IPC_H
#define OMNI_IPC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Some bytes: not owned, not followed by a NUL. What a callback is given is valid until the callback returns. */
typedef struct omni_slice {
    const char *text;
    size_t length;
} omni_slice;

/* What went wrong: one of omni-ipc's ERR_IPC_* codes, or the code that a handler's error had, and why. */
typedef struct omni_error {
    const char *code;
    const char *message;
} omni_error;

enum {
    OMNI_OK = 0,
    OMNI_E_ARGUMENT = -1,     /* a name that begins with "ipc:", an address that is none, the wrong framing */
    OMNI_E_JSON = -2,         /* data that is not JSON, is not UTF-8, or nests more than 499 levels deep */
    OMNI_E_BACKPRESSURE = -3, /* more than max_pending_bytes wait to be sent; nothing was taken */
    OMNI_E_MEMORY = -4,       /* there is no memory */
    OMNI_E_CLOSED = -5,       /* the client has ended for good */
    OMNI_E_TIMEOUT = -6,      /* omni_flush: not all was sent in time */
    OMNI_E_TOO_LARGE = -7     /* omni_decoder_feed: a frame is longer than the limit */
};

/* What a status code means, in English. */
const char *omni_strerror(int status);

typedef enum omni_framing {
    OMNI_JSON = 0,      /* packets: node-ipc's JSON and delimiter */
    OMNI_RAW = 1,       /* bytes as they come, for servers with rawBuffer */
    OMNI_LENGTH_LE = 2, /* messages after their length in four bytes, the lowest first */
    OMNI_LENGTH_BE = 3  /* the same, the highest first */
} omni_framing;

typedef struct omni_client omni_client;
typedef struct omni_call omni_call;

typedef void (*omni_event_fn)(omni_client *client, const char *type, omni_slice data, void *user);
typedef void (*omni_topic_fn)(omni_client *client, const char *topic, omni_slice data, void *user);
typedef void (*omni_handler_fn)(omni_client *client, omni_call *call, omni_slice data, void *user);
/* error is NULL where the request was answered. */
typedef void (*omni_reply_fn)(omni_client *client, const omni_error *error, omni_slice data, void *user);

/* Zero-initialize it; what stays 0 or NULL has its default. */
typedef struct omni_options {
    omni_framing framing;        /* OMNI_JSON */
    const char *delimiter;       /* what ends a frame: "\f" */
    int retry_ms;                /* until the next attempt after a lost connection: 500 */
    int max_retries;             /* attempts in a row that may fail: 0 for any number, -1 for none */
    int request_timeout_ms;      /* 10000; -1 waits for ever */
    int message_timeout_ms;      /* without a byte of an unfinished frame, the connection is ended: 30000; -1 never */
    size_t max_message_size;     /* the longest frame that is accepted, in bytes: 64 MiB */
    size_t max_pending_bytes;    /* how much may wait to be sent: 64 MiB */
    void *user;                  /* given to the three below, which no server can trigger */
    void (*on_connect)(omni_client *client, void *user);
    void (*on_disconnect)(omni_client *client, omni_slice reason, void *user); /* reason: JSON, or empty */
    void (*on_error)(omni_client *client, const omni_error *error, void *user);
} omni_options;

/*
 * Begins to connect to "unix:/path", a path, or "tcp://host:port"; options may be NULL. What is sent before there is a
 * connection, or while there is none, is kept and sent first thing later. NULL: the address or an option is wrong (errno
 * EINVAL), or there is no memory.
 */
omni_client *omni_open(const char *address, const omni_options *options);

/* Says that this client leaves, with a JSON reason where reason.length > 0; omni_process sends what is left and ends. */
void omni_close(omni_client *client, omni_slice reason);

/* Drops the connection and frees everything; not from within a callback. Open requests are told ERR_IPC_CLOSED. */
void omni_free(omni_client *client);

int omni_connected(const omni_client *client);

/* For a loop of your own: the descriptor (-1: none just now), POLLIN | POLLOUT, and milliseconds (-1: any time). */
int omni_fd(const omni_client *client);
short omni_events(const omni_client *client);
int omni_timeout(const omni_client *client);

/* Reads, writes, calls back and reconnects, as far as it goes without blocking. OMNI_OK or OMNI_E_CLOSED. */
int omni_process(omni_client *client);

/* Waits for something to do, at most so many milliseconds (-1: any time), and does it. */
int omni_poll(omni_client *client, int timeout_ms);

/* Processes until everything is with the kernel. OMNI_OK, OMNI_E_TIMEOUT or OMNI_E_CLOSED. */
int omni_flush(omni_client *client, int timeout_ms);

/* Calls back for the events of a type, or of every type (NULL). With raw framings there is one type, "data". */
int omni_on(omni_client *client, const char *type, omni_event_fn callback, void *user);

/* Sends an event; an empty slice is sent as {}. */
int omni_emit(omni_client *client, const char *type, omni_slice json);

/* Sends bytes (raw and length-prefixed framings). */
int omni_send(omni_client *client, const void *bytes, size_t length);

/* Asks; the callback is called once: timeout_ms 0 is the default, -1 is for ever. */
int omni_request(omni_client *client, const char *type, omni_slice json, int timeout_ms, omni_reply_fn reply, void *user);
int omni_ping(omni_client *client, int timeout_ms, omni_reply_fn reply, void *user);

/* Answers the server's requests of a type. Each call is answered or refused once, now or later, which ends the call. */
int omni_handle(omni_client *client, const char *type, omni_handler_fn handler, void *user);
int omni_answer(omni_call *call, omni_slice json);
int omni_refuse(omni_call *call, const char *code, const char *message);

/* Topics and patterns: "a.b", "a.*", "a.>". Subscriptions last over lost connections; reply may be NULL. */
int omni_subscribe(omni_client *client, const char *pattern, omni_topic_fn callback, omni_reply_fn reply, void *user);
int omni_unsubscribe(omni_client *client, const char *pattern, omni_reply_fn reply, void *user);
int omni_publish(omni_client *client, const char *topic, omni_slice json);

/* JSON helpers. */

/* A slice of a string that ends with a NUL. */
omni_slice omni_json(const char *text);
/* Whether it is one JSON value, in UTF-8, that nests no more than so many levels deep. */
int omni_json_valid(omni_slice json, int levels);
/* An object's member (the last of a name) or an array's item, without the white space around; empty where there is none. */
omni_slice omni_json_member(omni_slice object, const char *name);
omni_slice omni_json_item(omni_slice array, size_t index);
/* Writes a JSON string's text and a NUL into size bytes, cut where it is longer; returns its whole length in bytes. */
size_t omni_json_text(omni_slice string, char *text, size_t size);
/* A JSON string of UTF-8 text, to be freed; NULL where there is no memory. Invalid bytes become U+FFFD. */
char *omni_json_quote(const char *text, size_t length);

/* The wire alone, without a socket. */

typedef struct omni_packet {
    omni_slice type;  /* unescaped, followed by a NUL */
    omni_slice data;  /* JSON; empty where there is none, as all below */
    omni_slice id;    /* a JSON number or string */
    omni_slice re;    /* a JSON number or string */
    omni_slice error; /* JSON */
    const char *fault; /* why the frame is not a packet; NULL where it is one */
} omni_packet;

typedef struct omni_decoder omni_decoder;
typedef void (*omni_packet_fn)(const omni_packet *packet, void *user);

omni_decoder *omni_decoder_new(const char *delimiter, size_t max_message_size);
/* Calls back for each frame that the bytes complete. OMNI_OK, OMNI_E_TOO_LARGE or OMNI_E_MEMORY: it is of no use then. */
int omni_decoder_feed(omni_decoder *decoder, const void *bytes, size_t length, omni_packet_fn callback, void *user);
void omni_decoder_free(omni_decoder *decoder);
/* A packet's frame with its delimiter, to be freed; NULL where there is no memory. Its slices must be valid JSON. */
char *omni_encode(const omni_packet *packet, const char *delimiter, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
