/* See omni_ipc.h. */
#if !defined(__APPLE__) && !defined(_GNU_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "omni_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_DEPTH 500
#define MEBIBYTE ((size_t)1024 * 1024)
#define READ_SIZE 65536
/* The most chunks that one call of omni_process reads, so that a fast server cannot block it. */
#define READS 16
#define LEAVE_MS 2000
#define NEVER INT64_MAX

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Bytes */

typedef struct buffer {
    char *data;
    size_t start, length, size;
} buffer;

#define EMPTY {NULL, 0, 0, 0}

static int buffer_reserve(buffer *b, size_t more) {
    if (b->start > 0 && b->start + b->length + more > b->size) {
        memmove(b->data, b->data + b->start, b->length);
        b->start = 0;
    }
    size_t wanted = b->length + more;
    if (wanted < more) return 0;
    if (b->start + wanted <= b->size) return 1;
    size_t size = b->size < 256 ? 256 : b->size;
    while (size < wanted) size = size > SIZE_MAX / 2 ? wanted : size * 2;
    char *data = (char *)realloc(b->data, size);
    if (data == NULL) return 0;
    b->data = data;
    b->size = size;
    return 1;
}

static int buffer_add(buffer *b, const void *bytes, size_t length) {
    if (length == 0) return 1;
    if (!buffer_reserve(b, length)) return 0;
    memcpy(b->data + b->start + b->length, bytes, length);
    b->length += length;
    return 1;
}

static int buffer_text(buffer *b, const char *text) { return buffer_add(b, text, strlen(text)); }

static int buffer_slice(buffer *b, omni_slice slice) { return buffer_add(b, slice.text, slice.length); }

static void buffer_drop(buffer *b, size_t length) {
    b->start += length;
    b->length -= length;
    if (b->length == 0) b->start = 0;
}

static void buffer_free(buffer *b) {
    free(b->data);
    memset(b, 0, sizeof *b);
}

static char *copy_of(const char *text, size_t length) {
    char *copy = (char *)malloc(length + 1);
    if (copy == NULL) return NULL;
    if (length > 0) memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

static omni_slice slice_of(const char *from, const char *to) {
    omni_slice slice = {from, (size_t)(to - from)};
    return slice;
}

static const omni_slice NOTHING = {"", 0};

omni_slice omni_json(const char *text) {
    omni_slice slice = {text, strlen(text)};
    return slice;
}

/* UTF-8 */

/* Returns the length in bytes of the character at p, or 0 if it is invalid; then one U+FFFD replaces *bad bytes. */
static size_t utf8_length(const unsigned char *p, const unsigned char *end, size_t *bad) {
    unsigned char c = *p;
    if (c < 0x80) return 1;
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    *bad = 1;
    if (c < 0xc2 || c > 0xf4) return 0;
    for (size_t i = 1; i <= more; i++, low = 0x80, high = 0xbf) {
        if (p + i >= end || p[i] < low || p[i] > high) return 0;
        *bad = i + 1;
    }
    return more + 1;
}

static int utf8_valid(omni_slice text) {
    const unsigned char *p = (const unsigned char *)text.text, *end = p + text.length;
    size_t bad;
    while (p < end) {
        size_t length = utf8_length(p, end, &bad);
        if (length == 0) return 0;
        p += length;
    }
    return 1;
}

/* Returns the text with U+FFFD in place of invalid UTF-8. */
static int utf8_mended(omni_slice text, buffer *out) {
    const unsigned char *p = (const unsigned char *)text.text, *end = p + text.length;
    while (p < end) {
        size_t bad = 1, length = utf8_length(p, end, &bad);
        if (!(length > 0 ? buffer_add(out, p, length) : buffer_text(out, "\xef\xbf\xbd"))) return 0;
        p += length > 0 ? length : bad;
    }
    return 1;
}

static size_t utf8_write(unsigned long code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* JSON */

static const char *skip_space(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    return p;
}

static int is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Each of these functions returns the end of the value that begins at p, or NULL if the value is invalid. */

static const char *end_of_string(const char *p, const char *end) {
    for (p++; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"') return p + 1;
        if (c < 0x20) return NULL;
        if (c != '\\') continue;
        if (++p >= end) return NULL;
        if (*p == 'u') {
            for (int i = 1; i <= 4; i++)
                if (p + i >= end || hex_value(p[i]) < 0) return NULL;
            p += 4;
        } else if (*p == 0 || strchr("\"\\/bfnrt", *p) == NULL)
            return NULL;
    }
    return NULL;
}

static const char *end_of_digits(const char *p, const char *end) {
    if (!is_digit(p, end)) return NULL;
    while (is_digit(p, end)) p++;
    return p;
}

static const char *end_of_number(const char *p, const char *end) {
    if (*p == '-') p++;
    if (p < end && *p == '0')
        p++;
    else if ((p = end_of_digits(p, end)) == NULL)
        return NULL;
    if (p < end && *p == '.' && (p = end_of_digits(p + 1, end)) == NULL) return NULL;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        p = end_of_digits(p, end);
    }
    return p;
}

static const char *end_of_word(const char *p, const char *end, const char *word) {
    size_t length = strlen(word);
    return (size_t)(end - p) >= length && memcmp(p, word, length) == 0 ? p + length : NULL;
}

static const char *end_of_value(const char *p, const char *end, int levels);

static const char *end_of_container(const char *p, const char *end, int levels) {
    char close = *p == '{' ? '}' : ']';
    if (levels == 0) return NULL;
    p = skip_space(p + 1, end);
    if (p < end && *p == close) return p + 1;
    for (;;) {
        if (close == '}') {
            if (p >= end || *p != '"' || (p = end_of_string(p, end)) == NULL) return NULL;
            p = skip_space(p, end);
            if (p >= end || *p != ':') return NULL;
            p = skip_space(p + 1, end);
        }
        if ((p = end_of_value(p, end, levels - 1)) == NULL) return NULL;
        p = skip_space(p, end);
        if (p >= end) return NULL;
        if (*p == close) return p + 1;
        if (*p != ',') return NULL;
        p = skip_space(p + 1, end);
    }
}

static const char *end_of_value(const char *p, const char *end, int levels) {
    if (p >= end) return NULL;
    switch (*p) {
    case '"': return end_of_string(p, end);
    case '{':
    case '[': return end_of_container(p, end, levels);
    case 't': return end_of_word(p, end, "true");
    case 'f': return end_of_word(p, end, "false");
    case 'n': return end_of_word(p, end, "null");
    default: return *p == '-' || is_digit(p, end) ? end_of_number(p, end) : NULL;
    }
}

int omni_json_valid(omni_slice json, int levels) {
    const char *end = json.text + json.length;
    const char *p = end_of_value(skip_space(json.text, end), end, levels);
    return p != NULL && skip_space(p, end) == end && utf8_valid(json);
}

/* Reads the four digits of an escape. A lone surrogate becomes U+FFFD, because UTF-8 cannot encode it. */
static unsigned long escape_at(const char **at, const char *end) {
    const char *p = *at;
    unsigned long code = 0, low = 0;
    for (int i = 0; i < 4; i++) code = code << 4 | (unsigned long)hex_value(p[i]);
    *at = p += 4;
    if (code < 0xd800 || code > 0xdfff) return code;
    if (code > 0xdbff || end - p < 6 || p[0] != '\\' || p[1] != 'u') return 0xfffd;
    for (int i = 2; i < 6; i++) low = low << 4 | (unsigned long)hex_value(p[i]);
    if (low < 0xdc00 || low > 0xdfff) return 0xfffd;
    *at = p + 6;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

size_t omni_json_text(omni_slice string, char *text, size_t size) {
    size_t length = 0, kept = 0;
    if (string.length < 2 || string.text[0] != '"') {
        if (size > 0) text[0] = 0;
        return 0;
    }
    const char *p = string.text + 1, *end = string.text + string.length - 1;
    while (p < end) {
        char piece[4] = {*p, 0, 0, 0};
        size_t width = 1;
        if (*p++ == '\\') {
            static const char escapes[] = "bfnrt", meant[] = "\b\f\n\r\t";
            char c = *p++;
            const char *known = strchr(escapes, c);
            if (c == 'u')
                width = utf8_write(escape_at(&p, end), piece);
            else
                piece[0] = known != NULL ? meant[known - escapes] : c;
        } else
            while (p < end && (*p & 0xc0) == 0x80 && width < 4) piece[width++] = *p++;
        if (length == kept && length + width < size) {
            memcpy(text + kept, piece, width);
            kept += width;
        }
        length += width;
    }
    if (size > 0) text[kept] = 0;
    return length;
}

static int quote_into(buffer *out, const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text, *end = p + length;
    if (!buffer_text(out, "\"")) return 0;
    while (p < end) {
        size_t bad = 1, width = utf8_length(p, end, &bad);
        char escape[8];
        int ok;
        if (width == 0) {
            ok = buffer_text(out, "\xef\xbf\xbd");
            width = bad;
        } else if (*p == '"' || *p == '\\') {
            escape[0] = '\\';
            escape[1] = (char)*p;
            ok = buffer_add(out, escape, 2);
        } else if (*p < 0x20) {
            static const char shorts[] = "\b\f\n\r\t", letters[] = "bfnrt";
            const char *known = *p == 0 ? NULL : strchr(shorts, *p);
            if (known != NULL)
                snprintf(escape, sizeof escape, "\\%c", letters[known - shorts]);
            else
                snprintf(escape, sizeof escape, "\\u%04x", *p);
            ok = buffer_text(out, escape);
        } else
            ok = buffer_add(out, p, width);
        if (!ok) return 0;
        p += width;
    }
    return buffer_text(out, "\"");
}

char *omni_json_quote(const char *text, size_t length) {
    buffer out = EMPTY;
    if (!quote_into(&out, text, length) || !buffer_add(&out, "", 1)) {
        buffer_free(&out);
        return NULL;
    }
    return out.data;
}

static int is_text(omni_slice string, const char *text) {
    char known[16];
    size_t length = strlen(text);
    return omni_json_text(string, known, sizeof known) == length && memcmp(known, text, length) == 0;
}

/* Returns whether a JSON string equals a text, whatever its length. */
static int says(omni_slice string, const char *text) {
    size_t length = strlen(text);
    if (length < 16) return is_text(string, text);
    char *copy = (char *)malloc(string.length + 1);
    if (copy == NULL) return 0;
    int same = omni_json_text(string, copy, string.length + 1) == length && memcmp(copy, text, length) == 0;
    free(copy);
    return same;
}

/* Calls back for each member of a valid object, or item of a valid array (whose name is empty). */
typedef int (*member_fn)(omni_slice name, omni_slice value, void *user);

static void each_member(omni_slice container, member_fn callback, void *user) {
    const char *p = container.text, *end = p + container.length;
    p = skip_space(p, end);
    if (p >= end || (*p != '{' && *p != '[')) return;
    char open = *p;
    p = skip_space(p + 1, end);
    while (p < end && *p != '}' && *p != ']') {
        omni_slice name = NOTHING;
        if (open == '{') {
            const char *q = *p == '"' ? end_of_string(p, end) : NULL;
            if (q == NULL) return;
            name = slice_of(p, q);
            p = skip_space(q, end);
            if (p >= end) return;
            p = skip_space(p + 1, end);
        }
        const char *q = end_of_value(p, end, INT_MAX);
        if (q == NULL || !callback(name, slice_of(p, q), user)) return;
        p = skip_space(q, end);
        if (p < end && *p == ',') p = skip_space(p + 1, end);
    }
}

typedef struct finding {
    const char *name;
    size_t index;
    omni_slice value;
} finding;

static int find_member(omni_slice name, omni_slice value, void *user) {
    finding *find = (finding *)user;
    if (says(name, find->name)) find->value = value;
    return 1;
}

static int find_item(omni_slice name, omni_slice value, void *user) {
    finding *find = (finding *)user;
    (void)name;
    if (find->index-- > 0) return 1;
    find->value = value;
    return 0;
}

omni_slice omni_json_member(omni_slice object, const char *name) {
    finding find = {name, 0, NOTHING};
    const char *p = skip_space(object.text, object.text + object.length);
    if (p < object.text + object.length && *p == '{') each_member(object, find_member, &find);
    return find.value;
}

omni_slice omni_json_item(omni_slice array, size_t index) {
    finding find = {"", index, NOTHING};
    const char *p = skip_space(array.text, array.text + array.length);
    if (p < array.text + array.length && *p == '[') each_member(array, find_item, &find);
    return find.value;
}

/* Frames */

struct omni_decoder {
    char *delimiter;
    size_t width, limit, seen;
    int begun;
    buffer held;
};

omni_decoder *omni_decoder_new(const char *delimiter, size_t max_message_size) {
    omni_decoder *decoder = (omni_decoder *)calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    decoder->width = strlen(delimiter);
    decoder->delimiter = copy_of(delimiter, decoder->width);
    decoder->limit = max_message_size;
    if (decoder->delimiter != NULL) return decoder;
    free(decoder);
    return NULL;
}

void omni_decoder_free(omni_decoder *decoder) {
    if (decoder == NULL) return;
    buffer_free(&decoder->held);
    free(decoder->delimiter);
    free(decoder);
}

typedef struct members {
    omni_slice type, data, id, re, error;
} members;

static int note_member(omni_slice name, omni_slice value, void *user) {
    members *found = (members *)user;
    if (is_text(name, "type")) found->type = value;
    else if (is_text(name, "data")) found->data = value;
    else if (is_text(name, "id")) found->id = value;
    else if (is_text(name, "re")) found->re = value;
    else if (is_text(name, "error")) found->error = value;
    return 1;
}

static int is_id(omni_slice value) {
    return value.length > 0 && (*value.text == '"' || *value.text == '-' || is_digit(value.text, value.text + 1));
}

static void read_packet(omni_slice frame, omni_packet *packet, char **type) {
    members found = {NOTHING, NOTHING, NOTHING, NOTHING, NOTHING};
    const char *p = skip_space(frame.text, frame.text + frame.length);
    if (!omni_json_valid(frame, MAX_DEPTH)) {
        packet->fault = "it is not JSON, or nests too deep";
        return;
    }
    if (*p == '{') each_member(frame, note_member, &found);
    if (found.type.length == 0 || *found.type.text != '"') {
        packet->fault = "it has no \"type\" that is a string";
        return;
    }
    if (!is_id(found.re)) found.re = NOTHING;
    *type = (char *)malloc(found.type.length + 1);
    if (*type == NULL) {
        packet->fault = "there is no memory for it";
        return;
    }
    packet->type.length = omni_json_text(found.type, *type, found.type.length + 1);
    packet->type.text = *type;
    packet->data = found.data;
    packet->re = found.re;
    if (found.re.length > 0 && found.error.length > 0 && *found.error.text != 'n') packet->error = found.error;
    if (found.re.length == 0 && is_id(found.id)) packet->id = found.id;
}

static int deliver(omni_slice frame, omni_packet_fn callback, void *user) {
    omni_packet packet = {NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NULL};
    buffer mended = EMPTY;
    char *type = NULL;
    if (!utf8_valid(frame)) {
        if (!utf8_mended(frame, &mended)) {
            buffer_free(&mended);
            return OMNI_E_MEMORY;
        }
        frame = slice_of(mended.data, mended.data + mended.length);
    }
    read_packet(frame, &packet, &type);
    callback(&packet, user);
    free(type);
    buffer_free(&mended);
    return OMNI_OK;
}

static const char *find_bytes(const char *from, const char *end, const char *what, size_t width) {
    while ((size_t)(end - from) >= width) {
        const char *p = (const char *)memchr(from, *what, (size_t)(end - from) - width + 1);
        if (p == NULL) return NULL;
        if (memcmp(p, what, width) == 0) return p;
        from = p + 1;
    }
    return NULL;
}

int omni_decoder_feed(omni_decoder *d, const void *bytes, size_t length, omni_packet_fn callback, void *user) {
    if (!buffer_add(&d->held, bytes, length)) return OMNI_E_MEMORY;
    int status = OMNI_OK;
    while (status == OMNI_OK) {
        const char *start = d->held.data + d->held.start, *end = start + d->held.length;
        const char *stop = d->held.length == 0 ? NULL : find_bytes(start + d->seen, end, d->delimiter, d->width);
        if (stop == NULL) break;
        omni_slice frame = slice_of(start, stop);
        if (frame.length > d->limit) return OMNI_E_TOO_LARGE;
        if (!d->begun && frame.length >= 3 && memcmp(frame.text, "\xef\xbb\xbf", 3) == 0) {
            frame.text += 3;
            frame.length -= 3;
        }
        d->begun = 1;
        d->seen = 0;
        if (frame.length > 0) status = deliver(frame, callback, user);
        buffer_drop(&d->held, (size_t)(stop - start) + d->width);
    }
    if (status != OMNI_OK) return status;
    d->seen = d->held.length < d->width ? 0 : d->held.length - d->width + 1;
    return d->seen > d->limit ? OMNI_E_TOO_LARGE : OMNI_OK;
}

/* Finds the first character of a delimiter that JSON has only inside strings. Returns its length in bytes, or 0. */
static size_t safe_character(const char *delimiter, const char **at) {
    const unsigned char *p = (const unsigned char *)delimiter, *end = p + strlen(delimiter);
    while (p < end) {
        size_t bad, width = utf8_length(p, end, &bad);
        if (width == 0) return 0;
        *at = (const char *)p;
        if (width > 1 || strchr("{}[]:,\"\\ \t\r\n0123456789+-.eEtrufalsnbcd", *p) == NULL) return width;
        /* JSON may have a newline between values, but this library does not write any. */
        if (*p == '\n' || *p == '\t' || *p == '\r') return width;
        p += width;
    }
    return 0;
}

static int escape_character(buffer *out, const char *c, size_t width) {
    const unsigned char *u = (const unsigned char *)c;
    unsigned long code = width == 1 ? u[0] : width == 2 ? (u[0] & 0x1ful) : width == 3 ? (u[0] & 0x0ful) : (u[0] & 0x07ul);
    char text[32];
    for (size_t i = 1; i < width; i++) code = code << 6 | (u[i] & 0x3f);
    if (code < 0x10000)
        snprintf(text, sizeof text, "\\u%04lx", code);
    else
        snprintf(text, sizeof text, "\\u%04lx\\u%04lx", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
    return buffer_text(out, text);
}

/* Removes white space between values, because it could contain a delimiter such as a newline. */
static int compact(buffer *out, omni_slice json) {
    const char *p = json.text, *end = p + json.length;
    while (p < end) {
        const char *from = p;
        if (*p == '"')
            p = end_of_string(p, end);
        else
            while (p < end && *p != '"' && skip_space(p, end) == p) p++;
        if (p == NULL || !buffer_add(out, from, (size_t)(p - from))) return 0;
        p = skip_space(p, end);
    }
    return 1;
}

static int write_frame(buffer *out, const omni_packet *packet, const char *delimiter) {
    buffer json = EMPTY;
    int ok = buffer_text(&json, "{\"type\":") && quote_into(&json, packet->type.text, packet->type.length);
    ok = ok && buffer_text(&json, ",\"data\":");
    ok = ok && (packet->data.length > 0 ? compact(&json, packet->data) : buffer_text(&json, "{}"));
    if (ok && packet->id.length > 0) ok = buffer_text(&json, ",\"id\":") && buffer_slice(&json, packet->id);
    if (ok && packet->re.length > 0) ok = buffer_text(&json, ",\"re\":") && buffer_slice(&json, packet->re);
    if (ok && packet->error.length > 0) ok = buffer_text(&json, ",\"error\":") && compact(&json, packet->error);
    ok = ok && buffer_text(&json, "}");
    const char *p = json.data, *end = p == NULL ? p : p + json.length, *safe = NULL;
    size_t width = safe_character(delimiter, &safe);
    if (ok && width > 0 && find_bytes(p, end, delimiter, strlen(delimiter)) != NULL) {
        const char *found;
        while (ok && (found = find_bytes(p, end, safe, width)) != NULL) {
            ok = buffer_add(out, p, (size_t)(found - p)) && escape_character(out, safe, width);
            p = found + width;
        }
    }
    ok = ok && buffer_add(out, p, (size_t)(end - p)) && buffer_text(out, delimiter);
    buffer_free(&json);
    return ok;
}

char *omni_encode(const omni_packet *packet, const char *delimiter, size_t *length) {
    buffer out = EMPTY;
    if (!write_frame(&out, packet, delimiter) || !buffer_add(&out, "", 1)) {
        buffer_free(&out);
        return NULL;
    }
    *length = out.length - 1;
    return out.data;
}

/* The client */

typedef struct listener {
    struct listener *next;
    char *name; /* NULL: every type */
    omni_event_fn event;
    omni_handler_fn handler;
    omni_topic_fn topic;
    void *user;
} listener;

typedef struct waiting {
    struct waiting *next;
    uint64_t id;
    omni_reply_fn reply;
    void *user;
    int64_t deadline;
    int sent;
} waiting;

typedef struct queued {
    struct queued *next;
    uint64_t id; /* of the request; 0 if the frame is not a request */
    size_t length;
    char bytes[1];
} queued;

struct omni_call {
    omni_call *next;
    omni_client *client; /* NULL if its connection is closed */
    char *type;
    char *id;
};

enum { WAITING, DIALING, CONNECTED, LEAVING, OVER };

struct omni_client {
    omni_options options;
    char *path, *host, *port, *delimiter;
    int state, fd;
    int introduced; /* whether the server has shown that it supports requests */
    int retries;
    int64_t timer; /* WAITING: of the next attempt; LEAVING: of the end */
    int64_t last_byte;
    uint64_t last_id;
    omni_decoder *decoder;
    buffer in, out;
    listener *events, *handlers, *topics;
    waiting *requests;
    omni_call *calls;
    queued *queue, **queue_end;
    size_t queue_size;
    int fatal; /* the connection must end when the bytes read so far are processed */
    int stay_away;
    int ending; /* LEAVING this connection only, because of what the server did */
    int busy; /* within omni_process, whose callbacks must not call it again */
    char *farewell;
};

const char *omni_strerror(int status) {
    switch (status) {
    case OMNI_OK: return "nothing is wrong";
    case OMNI_E_ARGUMENT: return "an argument is wrong: a name that begins with ipc:, or the wrong framing";
    case OMNI_E_JSON: return "the data is not JSON, is not UTF-8, or nests too deep";
    case OMNI_E_BACKPRESSURE: return "too much waits to be sent; process, and try again";
    case OMNI_E_MEMORY: return "there is no memory";
    case OMNI_E_CLOSED: return "the client has ended";
    case OMNI_E_TIMEOUT: return "not everything was sent in time";
    case OMNI_E_TOO_LARGE: return "a frame is too long";
    default: return "an unknown status";
    }
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void report(omni_client *c, const char *code, const char *message) {
    omni_error error = {code, message};
    if (c->options.on_error != NULL) c->options.on_error(c, &error, c->options.user);
}

static int set_address(omni_client *c, const char *address) {
    if (strncmp(address, "unix://", 7) == 0) address += 7;
    else if (strncmp(address, "unix:", 5) == 0) address += 5;
    if (*address == '/' || *address == '.') {
        struct sockaddr_un limit;
        if (strlen(address) >= sizeof limit.sun_path) return 0;
        c->path = copy_of(address, strlen(address));
        return c->path != NULL;
    }
    if (strncmp(address, "tcp://", 6) != 0) return 0;
    address += 6;
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address || colon[1] == 0) return 0;
    const char *end = colon;
    if (*address == '[' && end[-1] == ']') {
        address++;
        end--;
    }
    c->host = copy_of(address, (size_t)(end - address));
    c->port = copy_of(colon + 1, strcspn(colon + 1, "/"));
    return c->host != NULL && c->port != NULL;
}

#define DEFAULT(member, value) \
    if (c->options.member == 0) c->options.member = (value)

omni_client *omni_open(const char *address, const omni_options *options) {
    omni_client *c = (omni_client *)calloc(1, sizeof *c);
    const char *safe;
    if (c == NULL) return NULL;
    c->fd = -1;
    c->queue_end = &c->queue;
    if (options != NULL) c->options = *options;
    DEFAULT(retry_ms, 500);
    DEFAULT(request_timeout_ms, 10000);
    DEFAULT(message_timeout_ms, 30000);
    DEFAULT(max_message_size, 64 * MEBIBYTE);
    DEFAULT(max_pending_bytes, 64 * MEBIBYTE);
    DEFAULT(delimiter, "\f");
    c->delimiter = copy_of(c->options.delimiter, strlen(c->options.delimiter));
    if (c->delimiter == NULL || safe_character(c->delimiter, &safe) == 0 || !set_address(c, address)) {
        omni_free(c);
        errno = EINVAL;
        return NULL;
    }
    c->timer = now_ms();
    return c;
}

static void free_listeners(listener *list) {
    while (list != NULL) {
        listener *next = list->next;
        free(list->name);
        free(list);
        list = next;
    }
}

/* Ends the requests that were sent, or all. */
static void end_requests(omni_client *c, int all, const char *code, const char *message) {
    omni_error error = {code, message};
    waiting *ended = NULL, **at = &c->requests, **end = &ended;
    while (*at != NULL) {
        waiting *one = *at;
        if (all || one->sent) {
            *at = one->next;
            one->next = NULL;
            *end = one;
            end = &one->next;
        } else
            at = &one->next;
    }
    while (ended != NULL) {
        waiting *one = ended;
        ended = one->next;
        if (one->reply != NULL) one->reply(c, &error, NOTHING, one->user);
        free(one);
    }
}

static void drop_queue(omni_client *c) {
    while (c->queue != NULL) {
        queued *one = c->queue;
        c->queue = one->next;
        free(one);
    }
    c->queue_end = &c->queue;
    c->queue_size = 0;
}

static void forget_calls(omni_client *c) {
    for (omni_call *call = c->calls; call != NULL; call = call->next) call->client = NULL;
    c->calls = NULL;
}

void omni_free(omni_client *c) {
    if (c == NULL) return;
    c->state = OVER;
    end_requests(c, 1, "ERR_IPC_CLOSED", "The client was freed");
    if (c->fd >= 0) close(c->fd);
    omni_decoder_free(c->decoder);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free_listeners(c->events);
    free_listeners(c->handlers);
    free_listeners(c->topics);
    forget_calls(c);
    drop_queue(c);
    free(c->path);
    free(c->host);
    free(c->port);
    free(c->delimiter);
    free(c->farewell);
    free(c);
}

int omni_connected(const omni_client *c) { return c->state == CONNECTED; }

int omni_fd(const omni_client *c) { return c->fd; }

short omni_events(const omni_client *c) {
    if (c->fd < 0) return 0;
    if (c->state == DIALING) return POLLOUT;
    return (short)(c->out.length > 0 ? POLLIN | POLLOUT : POLLIN);
}

static int has_rest(const omni_client *c) {
    return c->in.length > 0 || (c->decoder != NULL && c->decoder->held.length > 0);
}

static int64_t next_deadline(const omni_client *c) {
    int64_t next = c->state == WAITING || c->state == LEAVING ? c->timer : NEVER;
    for (const waiting *one = c->requests; one != NULL; one = one->next)
        if (one->deadline < next) next = one->deadline;
    if (c->state == CONNECTED && c->options.message_timeout_ms > 0 && has_rest(c)) {
        int64_t frame = c->last_byte + c->options.message_timeout_ms;
        if (frame < next) next = frame;
    }
    return next;
}

int omni_timeout(const omni_client *c) {
    int64_t next = next_deadline(c), left = next == NEVER ? -1 : next - now_ms();
    if (next == NEVER || c->state == OVER) return -1;
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void finish(omni_client *c, const char *code, const char *message) {
    if (c->state == OVER) return;
    c->state = OVER;
    drop_queue(c);
    end_requests(c, 1, code, message);
    report(c, code, message);
}

/* Handles the end of the connection, or of the attempt. */
static void lose(omni_client *c, const char *code, const char *why) {
    int was = c->ending ? CONNECTED : c->state;
    size_t unsent = c->out.length;
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    omni_decoder_free(c->decoder);
    c->decoder = NULL;
    buffer_free(&c->in);
    buffer_free(&c->out);
    c->fatal = 0;
    c->ending = 0;
    forget_calls(c);
    c->state = WAITING;
    c->timer = now_ms() + c->options.retry_ms;
    if (code != NULL) report(c, code, why);
    if (was == CONNECTED) {
        if (unsent > 0) report(c, "ERR_IPC_UNSENT", "The connection was lost before everything was sent");
        end_requests(c, 0, "ERR_IPC_DISCONNECTED", "The connection was lost before the answer came");
        if (c->options.on_disconnect != NULL) {
            omni_slice reason = c->farewell == NULL ? NOTHING : omni_json(c->farewell);
            c->options.on_disconnect(c, reason, c->options.user);
        }
    }
    if (was == LEAVING) finish(c, "ERR_IPC_CLOSED", "The client was closed");
    else if (c->stay_away) finish(c, "ERR_IPC_CLOSED", "The server told this client not to come back");
    else if (was != CONNECTED && c->options.max_retries != 0 && c->retries++ >= c->options.max_retries)
        finish(c, "ERR_IPC_CONNECT", "The server does not answer");
}

static int set_flags(int fd) {
    int flags = fcntl(fd, F_GETFL, 0), one = 1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
    (void)one;
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static int dial_path(omni_client *c) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, c->path); /* its length was checked */
    c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->fd < 0 || !set_flags(c->fd)) return 0;
    return connect(c->fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EINPROGRESS;
}

static int dial_host(omni_client *c) {
    struct addrinfo hints, *found = NULL;
    int on = 1, ok = 0;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(c->host, c->port, &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return 0;
    }
    /* After a failure the next attempt begins with the next address. */
    struct addrinfo *one = found;
    int count = 0;
    for (struct addrinfo *a = found; a != NULL; a = a->ai_next) count++;
    for (int skip = c->retries % count; skip > 0; skip--) one = one->ai_next;
    c->fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
    if (c->fd >= 0 && set_flags(c->fd)) {
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ok = connect(c->fd, one->ai_addr, one->ai_addrlen) == 0 || errno == EINPROGRESS;
    }
    freeaddrinfo(found);
    return ok;
}

static void dial(omni_client *c) {
    c->state = DIALING;
    if (!(c->path != NULL ? dial_path(c) : dial_host(c))) lose(c, "ERR_IPC_CONNECT", strerror(errno));
}

static int say(omni_client *c, const omni_packet *packet) {
    return write_frame(&c->out, packet, c->delimiter) ? OMNI_OK : OMNI_E_MEMORY;
}

static omni_packet packet_of(const char *type, omni_slice data) {
    omni_packet packet = {omni_json(type), data, NOTHING, NOTHING, NOTHING, NULL};
    return packet;
}

static void say_id(omni_packet *packet, char *text, size_t size, uint64_t id) {
    snprintf(text, size, "%llu", (unsigned long long)id);
    packet->id = omni_json(text);
}

static void subscribe_again(omni_client *c) {
    buffer names = EMPTY;
    char id[24];
    if (c->topics == NULL) return;
    int ok = buffer_text(&names, "["), count = 0;
    for (listener *one = c->topics; ok && one != NULL; one = one->next) {
        if (one->topic == NULL) continue;
        ok = (count++ == 0 || buffer_text(&names, ",")) && quote_into(&names, one->name, strlen(one->name));
    }
    ok = ok && count > 0 && buffer_text(&names, "]");
    if (ok) {
        omni_packet packet = packet_of("ipc:subscribe", slice_of(names.data, names.data + names.length));
        say_id(&packet, id, sizeof id, ++c->last_id);
        say(c, &packet);
    }
    buffer_free(&names);
}

static waiting *find_waiting(omni_client *c, uint64_t id) {
    waiting *one = c->requests;
    while (one != NULL && one->id != id) one = one->next;
    return one;
}

static void connected(omni_client *c) {
    c->state = CONNECTED;
    c->retries = 0;
    c->introduced = 0;
    free(c->farewell);
    c->farewell = NULL;
    if (c->options.framing == OMNI_JSON) {
        c->decoder = omni_decoder_new(c->delimiter, c->options.max_message_size);
        if (c->decoder == NULL) {
            lose(c, "ERR_IPC_MEMORY", "There is no memory for a connection");
            return;
        }
        subscribe_again(c);
    }
    while (c->queue != NULL) {
        queued *one = c->queue;
        waiting *request = one->id == 0 ? NULL : find_waiting(c, one->id);
        if (!buffer_add(&c->out, one->bytes, one->length)) break;
        if (request != NULL) request->sent = 1;
        c->queue = one->next;
        c->queue_size -= one->length;
        free(one);
    }
    if (c->queue == NULL) c->queue_end = &c->queue;
    if (c->options.on_connect != NULL) c->options.on_connect(c, c->options.user);
}

/* Sends bytes now, or queues them until there is a connection. */
static int post(omni_client *c, const char *bytes, size_t length, uint64_t id) {
    if (c->state == OVER || (c->state == LEAVING && !c->ending)) return OMNI_E_CLOSED;
    if (c->state == CONNECTED) {
        if (c->out.length + length > c->options.max_pending_bytes) return OMNI_E_BACKPRESSURE;
        return buffer_add(&c->out, bytes, length) ? OMNI_OK : OMNI_E_MEMORY;
    }
    if (c->queue_size + length > c->options.max_pending_bytes) return OMNI_E_BACKPRESSURE;
    queued *one = (queued *)malloc(sizeof *one + length);
    if (one == NULL) return OMNI_E_MEMORY;
    one->next = NULL;
    one->id = id;
    one->length = length;
    if (length > 0) memcpy(one->bytes, bytes, length);
    *c->queue_end = one;
    c->queue_end = &one->next;
    c->queue_size += length;
    return OMNI_OK;
}

static int post_packet(omni_client *c, const omni_packet *packet, uint64_t id) {
    buffer frame = EMPTY;
    if (c->options.framing != OMNI_JSON) return OMNI_E_ARGUMENT;
    /* The object of the packet itself is one level. */
    if (packet->data.length > 0 && !omni_json_valid(packet->data, MAX_DEPTH - 1)) return OMNI_E_JSON;
    int status = write_frame(&frame, packet, c->delimiter) ? post(c, frame.data, frame.length, id) : OMNI_E_MEMORY;
    buffer_free(&frame);
    return status;
}

static int is_event_name(const char *type) { return type != NULL && strncmp(type, "ipc:", 4) != 0; }

int omni_emit(omni_client *c, const char *type, omni_slice json) {
    omni_packet packet;
    if (!is_event_name(type)) return OMNI_E_ARGUMENT;
    packet = packet_of(type, json);
    return post_packet(c, &packet, 0);
}

int omni_send(omni_client *c, const void *bytes, size_t length) {
    if (c->options.framing == OMNI_JSON || length > 0xffffffffu) return OMNI_E_ARGUMENT;
    if (c->options.framing == OMNI_RAW) return post(c, (const char *)bytes, length, 0);
    buffer frame = EMPTY;
    unsigned char head[4];
    for (int i = 0; i < 4; i++) {
        int shift = c->options.framing == OMNI_LENGTH_LE ? 8 * i : 24 - 8 * i;
        head[i] = (unsigned char)(length >> shift);
    }
    int ok = buffer_add(&frame, head, 4) && buffer_add(&frame, bytes, length);
    int status = ok ? post(c, frame.data, frame.length, 0) : OMNI_E_MEMORY;
    buffer_free(&frame);
    return status;
}

static int ask(omni_client *c, const char *type, omni_slice json, int timeout_ms, omni_reply_fn reply, void *user) {
    omni_packet packet = packet_of(type, json);
    char text[24];
    waiting *one = (waiting *)calloc(1, sizeof *one), **end = &c->requests;
    if (one == NULL) return OMNI_E_MEMORY;
    one->id = ++c->last_id;
    one->reply = reply;
    one->user = user;
    one->sent = c->state == CONNECTED;
    if (timeout_ms == 0) timeout_ms = c->options.request_timeout_ms;
    one->deadline = timeout_ms < 0 ? NEVER : now_ms() + timeout_ms;
    say_id(&packet, text, sizeof text, one->id);
    int status = post_packet(c, &packet, one->id);
    if (status != OMNI_OK) {
        free(one);
        return status;
    }
    while (*end != NULL) end = &(*end)->next;
    *end = one;
    return OMNI_OK;
}

int omni_request(omni_client *c, const char *type, omni_slice json, int timeout_ms, omni_reply_fn reply, void *user) {
    return is_event_name(type) ? ask(c, type, json, timeout_ms, reply, user) : OMNI_E_ARGUMENT;
}

int omni_ping(omni_client *c, int timeout_ms, omni_reply_fn reply, void *user) {
    return ask(c, "ipc:ping", omni_json("{}"), timeout_ms, reply, user);
}

static listener *listen_to(listener **list, const char *name, void *user) {
    listener *one = (listener *)calloc(1, sizeof *one), **end = list;
    if (one == NULL) return NULL;
    if (name != NULL && (one->name = copy_of(name, strlen(name))) == NULL) {
        free(one);
        return NULL;
    }
    one->user = user;
    while (*end != NULL) end = &(*end)->next;
    *end = one;
    return one;
}

int omni_on(omni_client *c, const char *type, omni_event_fn callback, void *user) {
    if (type != NULL && !is_event_name(type)) return OMNI_E_ARGUMENT;
    listener *one = listen_to(&c->events, type, user);
    if (one == NULL) return OMNI_E_MEMORY;
    one->event = callback;
    return OMNI_OK;
}

int omni_handle(omni_client *c, const char *type, omni_handler_fn handler, void *user) {
    listener *one = c->handlers;
    if (!is_event_name(type)) return OMNI_E_ARGUMENT;
    while (one != NULL && strcmp(one->name, type) != 0) one = one->next;
    if (one == NULL) one = listen_to(&c->handlers, type, user);
    if (one == NULL) return OMNI_E_MEMORY;
    one->handler = handler;
    one->user = user;
    return OMNI_OK;
}

static int ask_topic(omni_client *c, const char *type, const char *pattern, omni_reply_fn reply, void *user) {
    char *json = omni_json_quote(pattern, strlen(pattern));
    if (json == NULL) return OMNI_E_MEMORY;
    int status = ask(c, type, omni_json(json), 0, reply, user);
    free(json);
    return status;
}

int omni_subscribe(omni_client *c, const char *pattern, omni_topic_fn callback, omni_reply_fn reply, void *user) {
    int status = ask_topic(c, "ipc:subscribe", pattern, reply, user);
    if (status != OMNI_OK) return status;
    listener *one = listen_to(&c->topics, pattern, user);
    if (one == NULL) return OMNI_E_MEMORY;
    one->topic = callback;
    return OMNI_OK;
}

/* Frees the subscriptions that have ended. */
static void purge_topics(omni_client *c) {
    listener **at = &c->topics;
    while (*at != NULL) {
        listener *one = *at;
        if (one->topic != NULL) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        free(one->name);
        free(one);
    }
}

int omni_unsubscribe(omni_client *c, const char *pattern, omni_reply_fn reply, void *user) {
    /* One of them may be running, so they are freed later. */
    for (listener *one = c->topics; one != NULL; one = one->next)
        if (strcmp(one->name, pattern) == 0) one->topic = NULL;
    if (!c->busy) purge_topics(c);
    return ask_topic(c, "ipc:unsubscribe", pattern, reply, user);
}

int omni_publish(omni_client *c, const char *topic, omni_slice json) {
    buffer data = EMPTY;
    if (json.length > 0 && !omni_json_valid(json, MAX_DEPTH - 2)) return OMNI_E_JSON;
    int ok = buffer_text(&data, "{\"topic\":") && quote_into(&data, topic, strlen(topic));
    ok = ok && (json.length == 0 || (buffer_text(&data, ",\"data\":") && buffer_slice(&data, json)));
    ok = ok && buffer_text(&data, "}");
    omni_packet packet = packet_of("ipc:publish", slice_of(data.data, data.data + data.length));
    int status = ok ? post_packet(c, &packet, 0) : OMNI_E_MEMORY;
    buffer_free(&data);
    return status;
}

/* Calls */

static void end_call(omni_call *call) {
    if (call->client != NULL) {
        omni_call **at = &call->client->calls;
        while (*at != NULL && *at != call) at = &(*at)->next;
        if (*at == call) *at = call->next;
    }
    free(call->type);
    free(call->id);
    free(call);
}

static int respond(omni_call *call, omni_slice json, omni_slice error) {
    omni_client *c = call->client;
    int status = OMNI_E_CLOSED;
    if (c != NULL && c->state == CONNECTED) {
        omni_packet packet = packet_of(call->type, json);
        packet.re = omni_json(call->id);
        packet.error = error;
        status = say(c, &packet);
    }
    return status;
}

int omni_answer(omni_call *call, omni_slice json) {
    if (json.length > 0 && !omni_json_valid(json, MAX_DEPTH - 1)) {
        omni_refuse(call, "ERR_IPC_ENCODE", "The answer is not JSON, or nests too deep");
        return OMNI_E_JSON;
    }
    int status = respond(call, json, NOTHING);
    end_call(call);
    return status;
}

static char *error_json(const char *code, const char *message) {
    buffer json = EMPTY;
    int ok = buffer_text(&json, "{\"name\":\"Error\",\"message\":") && quote_into(&json, message, strlen(message));
    if (ok && code != NULL) ok = buffer_text(&json, ",\"code\":") && quote_into(&json, code, strlen(code));
    if (ok && buffer_text(&json, "}") && buffer_add(&json, "", 1)) return json.data;
    buffer_free(&json);
    return NULL;
}

int omni_refuse(omni_call *call, const char *code, const char *message) {
    char *error = error_json(code, message);
    int status = error == NULL ? OMNI_E_MEMORY : respond(call, NOTHING, omni_json(error));
    free(error);
    end_call(call);
    return status;
}

/* Receiving */

static void settle(omni_client *c, const omni_packet *packet) {
    char text[32], *end;
    size_t length = packet->re.length < sizeof text - 1 ? packet->re.length : sizeof text - 1;
    memcpy(text, packet->re.text, length);
    text[length] = 0;
    c->introduced = 1;
    if (*text == '"') return;
    double id = strtod(text, &end);
    waiting **at = &c->requests, *one;
    while (*at != NULL && (double)(*at)->id != id) at = &(*at)->next;
    if ((one = *at) == NULL || !one->sent) return;
    *at = one->next;
    if (packet->error.length == 0) {
        if (one->reply != NULL) one->reply(c, NULL, packet->data, one->user);
    } else {
        omni_slice code = omni_json_member(packet->error, "code"), message = omni_json_member(packet->error, "message");
        char *texts = (char *)malloc(code.length + message.length + 2);
        omni_error error = {"ERR_IPC_REMOTE", "The server refused the request and gave no reason"};
        if (texts != NULL && code.length > 1 && *code.text == '"') {
            omni_json_text(code, texts, code.length + 1);
            error.code = texts;
        }
        if (texts != NULL && message.length > 1 && *message.text == '"') {
            omni_json_text(message, texts + code.length + 1, message.length + 1);
            error.message = texts + code.length + 1;
        }
        if (one->reply != NULL) one->reply(c, &error, NOTHING, one->user);
        free(texts);
    }
    free(one);
}

static void refuse_packet(omni_client *c, const omni_packet *packet) {
    char *error = error_json("ERR_IPC_NO_HANDLER", "The client has no handler for this request");
    omni_packet answer = {packet->type, NOTHING, NOTHING, packet->id, NOTHING, NULL};
    if (error != NULL) {
        answer.error = omni_json(error);
        say(c, &answer);
    }
    free(error);
}

static void take_request(omni_client *c, const omni_packet *packet, listener *one) {
    omni_call *call = (omni_call *)calloc(1, sizeof *call);
    if (call == NULL) return;
    call->type = copy_of(packet->type.text, packet->type.length);
    call->id = copy_of(packet->id.text, packet->id.length);
    if (call->type == NULL || call->id == NULL) {
        end_call(call);
        return;
    }
    call->client = c;
    call->next = c->calls;
    c->calls = call;
    one->handler(c, call, packet->data, one->user);
}

/* Returns whether a topic matches a pattern: * is one word, > at the end is one or more. */
static int fits(const char *pattern, const char *topic) {
    for (;;) {
        size_t p = strcspn(pattern, "."), t = strcspn(topic, ".");
        if (p == 1 && *pattern == '>') return 1;
        if (!(p == 1 && *pattern == '*') && (p != t || memcmp(pattern, topic, p) != 0)) return 0;
        if (pattern[p] == 0 || topic[t] == 0) return pattern[p] == topic[t];
        pattern += p + 1;
        topic += t + 1;
    }
}

static void hear(omni_client *c, const omni_packet *packet) {
    omni_slice topic = omni_json_member(packet->data, "topic"), data = omni_json_member(packet->data, "data");
    if (topic.length < 2 || *topic.text != '"') return;
    char *name = (char *)malloc(topic.length + 1);
    if (name == NULL) return;
    size_t length = omni_json_text(topic, name, topic.length + 1);
    listener *one = strlen(name) == length ? c->topics : NULL;
    while (one != NULL) {
        if (one->topic != NULL && fits(one->name, name)) one->topic(c, name, data, one->user);
        one = one->next;
    }
    free(name);
}

static void take_bye(omni_client *c, const omni_packet *packet) {
    omni_slice reason = omni_json_member(packet->data, "reason"), code = omni_json_member(packet->data, "code");
    omni_slice reconnect = omni_json_member(packet->data, "reconnect");
    free(c->farewell);
    c->farewell = copy_of(reason.text, reason.length);
    c->stay_away = reconnect.length > 0 && *reconnect.text == 'f';
    if (says(code, "ERR_IPC_REFUSED")) report(c, "ERR_IPC_REFUSED", c->farewell == NULL ? "" : c->farewell);
}

static void take_control(omni_client *c, const omni_packet *packet) {
    const char *name = packet->type.text + 4;
    c->introduced = 1;
    if (strcmp(name, "ping") == 0) {
        omni_packet answer = {packet->type, NOTHING, NOTHING, packet->id, NOTHING, NULL};
        if (packet->id.length > 0) say(c, &answer);
    } else if (strcmp(name, "bye") == 0)
        take_bye(c, packet);
    else if (strcmp(name, "message") == 0)
        hear(c, packet);
    else if (packet->id.length > 0)
        refuse_packet(c, packet);
}

static void take(const omni_packet *packet, void *user) {
    omni_client *c = (omni_client *)user;
    if (c->state != CONNECTED || c->fatal) return;
    if (packet->fault != NULL) {
        report(c, "ERR_IPC_DECODE", packet->fault);
        return;
    }
    if (packet->re.length > 0) {
        settle(c, packet);
    } else if (strlen(packet->type.text) != packet->type.length) {
        report(c, "ERR_IPC_DECODE", "an event's name holds a NUL");
    } else if (strncmp(packet->type.text, "ipc:", 4) == 0) {
        take_control(c, packet);
    } else {
        listener *handler = packet->id.length > 0 ? c->handlers : NULL;
        while (handler != NULL && strcmp(handler->name, packet->type.text) != 0) handler = handler->next;
        if (handler != NULL) take_request(c, packet, handler);
        else if (packet->id.length > 0 && c->introduced) refuse_packet(c, packet);
        else
            for (listener *one = c->events; one != NULL; one = one->next)
                if (one->name == NULL || strcmp(one->name, packet->type.text) == 0)
                    one->event(c, packet->type.text, packet->data, one->user);
    }
    /* A server that sends requests and does not read the answers must not fill the memory. */
    if (c->out.length > c->options.max_pending_bytes) c->fatal = 1;
}

static void hand_over(omni_client *c, omni_slice bytes) {
    for (listener *one = c->events; one != NULL; one = one->next)
        if (one->name == NULL || strcmp(one->name, "data") == 0) one->event(c, "data", bytes, one->user);
}

static int take_lengths(omni_client *c, const char *bytes, size_t length) {
    if (!buffer_add(&c->in, bytes, length)) return OMNI_E_MEMORY;
    while (c->in.length >= 4 && c->state == CONNECTED) {
        const unsigned char *p = (const unsigned char *)c->in.data + c->in.start;
        int le = c->options.framing == OMNI_LENGTH_LE;
        size_t size = 0;
        for (int i = 0; i < 4; i++) size = size << 8 | p[le ? 3 - i : i];
        if (size > c->options.max_message_size) return OMNI_E_TOO_LARGE;
        if (c->in.length < 4 + size) break;
        hand_over(c, slice_of((const char *)p + 4, (const char *)p + 4 + size));
        buffer_drop(&c->in, 4 + size);
    }
    return OMNI_OK;
}

/*
 * Sends the reason for the end of the connection, and ends it. Later bytes are read and dropped until the server has ended its
 * side too, because the system discards unsent output of a socket that is closed with unread bytes.
 */
static void give_up(omni_client *c, const char *code, const char *message) {
    report(c, code, message);
    if (c->state != CONNECTED) return; /* the callback closed the client */
    if (c->options.framing == OMNI_JSON) {
        char data[256];
        snprintf(data, sizeof data, "{\"reason\":\"%s\",\"reconnect\":true,\"code\":\"%s\"}", message, code);
        omni_packet bye = packet_of("ipc:bye", omni_json(data));
        say(c, &bye);
    }
    c->ending = 1;
    c->state = LEAVING;
    c->timer = now_ms() + LEAVE_MS;
}

static void read_socket(omni_client *c) {
    static const char *large = "A frame is longer than max_message_size";
    char *chunk = (char *)malloc(READ_SIZE);
    if (chunk == NULL) return;
    for (int i = 0; i < READS && (c->state == CONNECTED || c->state == LEAVING); i++) {
        ssize_t length = recv(c->fd, chunk, READ_SIZE, 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (length <= 0) {
            int cut = length == 0 && c->state == CONNECTED && has_rest(c);
            if (length < 0) lose(c, "ERR_IPC_SOCKET", strerror(errno));
            else lose(c, cut ? "ERR_IPC_DECODE" : NULL, "the connection ended inside a frame");
            break;
        }
        if (c->state == LEAVING) continue;
        int status = OMNI_OK;
        c->last_byte = now_ms();
        if (c->options.framing == OMNI_JSON) status = omni_decoder_feed(c->decoder, chunk, (size_t)length, take, c);
        else if (c->options.framing == OMNI_RAW) hand_over(c, slice_of(chunk, chunk + length));
        else status = take_lengths(c, chunk, (size_t)length);
        if (status == OMNI_E_TOO_LARGE) give_up(c, "ERR_IPC_TOO_LARGE", large);
        else if (status != OMNI_OK) give_up(c, "ERR_IPC_MEMORY", "There is no memory for a frame");
        else if (c->fatal) lose(c, "ERR_IPC_BACKPRESSURE", "The server does not read the answers to what it asks");
    }
    free(chunk);
}

static void write_socket(omni_client *c) {
    while (c->out.length > 0) {
        ssize_t sent = send(c->fd, c->out.data + c->out.start, c->out.length, MSG_NOSIGNAL);
        if (sent >= 0) {
            buffer_drop(&c->out, (size_t)sent);
            continue;
        }
        if (errno == EINTR) continue;
        /* The reader finds out why the connection has ended, and reads the last packets. */
        if (errno != EAGAIN && errno != EWOULDBLOCK && c->state == LEAVING) lose(c, "ERR_IPC_SOCKET", strerror(errno));
        else if (errno == EPIPE || errno == ECONNRESET) buffer_drop(&c->out, 0);
        return;
    }
    if (c->state == LEAVING) shutdown(c->fd, SHUT_WR);
}

static void check_dial(omni_client *c) {
    struct pollfd ready = {c->fd, POLLOUT, 0};
    int error = 0;
    socklen_t size = sizeof error;
    if (poll(&ready, 1, 0) < 1) return;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error == 0) connected(c);
    else lose(c, "ERR_IPC_CONNECT", strerror(error));
}

static void end_late_requests(omni_client *c) {
    omni_error late = {"ERR_IPC_TIMEOUT", "No answer came in time"};
    int64_t now = now_ms();
    for (waiting **at = &c->requests; *at != NULL;) {
        waiting *one = *at;
        if (one->deadline > now) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        /* A frame that still waits for a connection is no longer sent. */
        for (queued **q = &c->queue; *q != NULL; q = &(*q)->next) {
            queued *frame = *q;
            if (frame->id != one->id) continue;
            *q = frame->next;
            if (frame->next == NULL) c->queue_end = q;
            c->queue_size -= frame->length;
            free(frame);
            break;
        }
        if (one->reply != NULL) one->reply(c, &late, NOTHING, one->user);
        free(one);
        at = &c->requests; /* the callback may have changed the list */
    }
}

static void process(omni_client *c) {
    if (c->state == WAITING && c->timer <= now_ms()) dial(c);
    if (c->state == DIALING) check_dial(c);
    if (c->state == CONNECTED || c->state == LEAVING) write_socket(c);
    if (c->state == CONNECTED || c->state == LEAVING) read_socket(c);
    if (c->state == CONNECTED || c->state == LEAVING) write_socket(c);
    if (c->state == LEAVING && c->timer <= now_ms()) lose(c, NULL, NULL);
    if (c->state == CONNECTED && c->options.message_timeout_ms > 0 && has_rest(c) &&
        now_ms() - c->last_byte >= c->options.message_timeout_ms)
        give_up(c, "ERR_IPC_TIMEOUT", "The rest of a frame did not arrive in time");
    end_late_requests(c);
}

int omni_process(omni_client *c) {
    if (c->busy) return OMNI_E_ARGUMENT;
    c->busy = 1;
    process(c);
    c->busy = 0;
    purge_topics(c);
    return c->state == OVER ? OMNI_E_CLOSED : OMNI_OK;
}

int omni_poll(omni_client *c, int timeout_ms) {
    int own = omni_timeout(c);
    struct pollfd ready = {c->fd, omni_events(c), 0};
    if (c->busy) return OMNI_E_ARGUMENT;
    if (c->state == OVER) return OMNI_E_CLOSED;
    if (own >= 0 && (timeout_ms < 0 || own < timeout_ms)) timeout_ms = own;
    poll(&ready, c->fd >= 0 ? 1 : 0, timeout_ms);
    return omni_process(c);
}

int omni_flush(omni_client *c, int timeout_ms) {
    int64_t deadline = timeout_ms < 0 ? NEVER : now_ms() + timeout_ms;
    for (;;) {
        if (c->busy) return OMNI_E_ARGUMENT;
        if (c->state == OVER) return OMNI_E_CLOSED;
        if (c->state == CONNECTED && c->out.length == 0) return OMNI_OK;
        int64_t left = deadline == NEVER ? -1 : deadline - now_ms();
        if (deadline != NEVER && left <= 0) return OMNI_E_TIMEOUT;
        omni_poll(c, left > INT_MAX ? INT_MAX : (int)left);
    }
}

void omni_close(omni_client *c, omni_slice reason) {
    if (c->state == OVER || (c->state == LEAVING && !c->ending)) return;
    if (c->state != CONNECTED) {
        c->ending = 0;
        c->stay_away = 1;
        c->state = LEAVING;
        lose(c, NULL, NULL);
        return;
    }
    if (reason.length > 0 && c->options.framing == OMNI_JSON && omni_json_valid(reason, MAX_DEPTH - 2)) {
        buffer data = EMPTY;
        if (buffer_text(&data, "{\"reason\":") && buffer_slice(&data, reason) && buffer_text(&data, ",\"reconnect\":false}")) {
            omni_packet bye = packet_of("ipc:bye", slice_of(data.data, data.data + data.length));
            say(c, &bye);
        }
        buffer_free(&data);
    }
    c->state = LEAVING;
    c->timer = now_ms() + LEAVE_MS;
    end_requests(c, 1, "ERR_IPC_CLOSED", "The client was closed");
}
