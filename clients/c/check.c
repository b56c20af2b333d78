/* Checks the library against clients/vectors.json, and its decoder with random bytes: check VECTORS [ROUNDS [SEED]] */
#include "omni_ipc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int equal(omni_slice a, omni_slice b);

static char *text_of(omni_slice string, size_t *length) {
    char *text = malloc(string.length + 1);
    *length = omni_json_text(string, text, string.length + 1);
    return text;
}

static int equal_texts(omni_slice a, omni_slice b) {
    size_t la, lb;
    char *ta = text_of(a, &la), *tb = text_of(b, &lb);
    int same = la == lb && memcmp(ta, tb, la) == 0;
    free(ta);
    free(tb);
    return same;
}

static double number_of(omni_slice json) {
    char text[64];
    size_t length = json.length < sizeof text - 1 ? json.length : sizeof text - 1;
    memcpy(text, json.text, length);
    text[length] = 0;
    return strtod(text, NULL);
}

/* Reads the names of the members of an object, which omni_json_item does not return. */
static omni_slice name_at(omni_slice object, size_t index) {
    const char *p = object.text + 1;
    omni_slice name = {"", 0};
    int depth = 0, value = 0;
    size_t count = 0;
    for (; p < object.text + object.length - 1; p++) {
        if (*p == '"') {
            const char *from = p++;
            while (*p != '"') p += *p == '\\' ? 2 : 1;
            if (depth == 0 && !value && count++ == index) {
                name.text = from;
                name.length = (size_t)(p - from) + 1;
                return name;
            }
        } else if (*p == '{' || *p == '[')
            depth++;
        else if (*p == '}' || *p == ']')
            depth--;
        else if (depth == 0 && *p == ':')
            value = 1;
        else if (depth == 0 && *p == ',')
            value = 0;
    }
    return name;
}

static int has_members_of(omni_slice a, omni_slice b) {
    for (size_t i = 0;; i++) {
        omni_slice name = name_at(a, i);
        size_t length;
        char *text;
        int same;
        if (name.length == 0) return 1;
        text = text_of(name, &length);
        same = equal(omni_json_member(a, text), omni_json_member(b, text));
        free(text);
        if (!same) return 0;
    }
}

static int equal(omni_slice a, omni_slice b) {
    if (a.length == 0 || b.length == 0) return a.length == b.length;
    switch (*a.text) {
    case '"': return *b.text == '"' && equal_texts(a, b);
    case '{': return *b.text == '{' && has_members_of(a, b) && has_members_of(b, a);
    case '[':
        if (*b.text != '[') return 0;
        for (size_t i = 0;; i++) {
            omni_slice one = omni_json_item(a, i), other = omni_json_item(b, i);
            if (!equal(one, other)) return 0;
            if (one.length == 0) return 1;
        }
    case 't':
    case 'f':
    case 'n': return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
    default: return *b.text != '"' && *b.text != '{' && *b.text != '[' && number_of(a) == number_of(b);
    }
}

/* The expected output of a decoder, and how much of it has come. */
typedef struct course {
    omni_slice packets;
    size_t count;
    int wrong;
} course;

static int same_member(omni_slice expected, const char *name, omni_slice found) {
    omni_slice one = omni_json_member(expected, name);
    return equal(one, found);
}

static void compare(const omni_packet *packet, void *user) {
    course *expected = user;
    omni_slice one = omni_json_item(expected->packets, expected->count++);
    int fault = omni_json_member(one, "fault").length > 0;
    if (one.length == 0 || fault != (packet->fault != NULL)) {
        expected->wrong = 1;
    } else if (!fault) {
        char *type = omni_json_quote(packet->type.text, packet->type.length);
        if (!same_member(one, "type", omni_json(type)) || !same_member(one, "data", packet->data) ||
            !same_member(one, "id", packet->id) || !same_member(one, "re", packet->re) ||
            !same_member(one, "error", packet->error))
            expected->wrong = 1;
        free(type);
    }
}

static char *bytes_of(omni_slice vector, size_t *length) {
    omni_slice hex = omni_json_member(vector, "hex");
    char *bytes;
    if (hex.length == 0) return text_of(omni_json_member(vector, "text"), length);
    *length = (hex.length - 2) / 2;
    bytes = malloc(*length + 1);
    for (size_t i = 0; i < *length; i++) {
        char digits[3] = {hex.text[1 + 2 * i], hex.text[2 + 2 * i], 0};
        bytes[i] = (char)strtol(digits, NULL, 16);
    }
    return bytes;
}

static omni_decoder *decoder_for(omni_slice vector, char *delimiter, size_t size) {
    omni_slice limit = omni_json_member(vector, "maxMessageSize");
    if (omni_json_text(omni_json_member(vector, "delimiter"), delimiter, size) == 0) strcpy(delimiter, "\f");
    return omni_decoder_new(delimiter, limit.length > 0 ? (size_t)number_of(limit) : 64 * 1024 * 1024);
}

static int decodes(omni_slice vector, omni_slice packets, const char *bytes, size_t length, size_t step) {
    char delimiter[16];
    omni_decoder *decoder = decoder_for(vector, delimiter, sizeof delimiter);
    course expected = {packets, 0, 0};
    int status = OMNI_OK;
    for (size_t at = 0; at < length && status == OMNI_OK; at += step) {
        size_t size = length - at < step ? length - at : step;
        status = omni_decoder_feed(decoder, bytes + at, size, compare, &expected);
    }
    omni_decoder_free(decoder);
    if (omni_json_item(packets, expected.count).length > 0) expected.wrong = 1;
    return !expected.wrong && (status == OMNI_E_TOO_LARGE) == (omni_json_member(vector, "ends").length > 0);
}

static int encodes(omni_slice vector, const char *bytes, size_t length) {
    omni_slice one = omni_json_item(omni_json_member(vector, "packets"), 0);
    omni_packet packet = {{"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}, NULL};
    char delimiter[16], *type, *frame, *data = NULL;
    size_t size;
    omni_decoder_free(decoder_for(vector, delimiter, sizeof delimiter));
    type = text_of(omni_json_member(one, "type"), &packet.type.length);
    packet.type.text = type;
    packet.data = omni_json_member(one, "data");
    packet.id = omni_json_member(one, "id");
    packet.re = omni_json_member(one, "re");
    packet.error = omni_json_member(one, "error");
    /* The JSON of the vectors escapes characters that frames contain unescaped. */
    if (packet.data.length > 0 && *packet.data.text == '"') {
        size_t text;
        char *plain = text_of(packet.data, &text);
        data = omni_json_quote(plain, text);
        packet.data = omni_json(data);
        free(plain);
    }
    frame = omni_encode(&packet, delimiter, &size);
    int same = size == length && memcmp(frame, bytes, length) == 0;
    free(type);
    free(frame);
    free(data);
    return same;
}

static void count_packet(const omni_packet *packet, void *user) {
    unsigned long *sum = user;
    *sum = *sum * 31 + (packet->fault != NULL ? 7 : packet->type.length + 3 * packet->data.length + 5 * packet->id.length);
}

static unsigned long next_random(unsigned long *state) {
    *state = (*state * 1103515245ul + 12345ul) & 0x7ffffffful;
    return *state >> 8;
}

static unsigned long digest(omni_slice vector, const char *bytes, size_t length, unsigned long *chance) {
    char delimiter[16];
    omni_decoder *decoder = decoder_for(vector, delimiter, sizeof delimiter);
    unsigned long sum = 17;
    int status = OMNI_OK;
    for (size_t at = 0; at < length && status == OMNI_OK;) {
        size_t size = chance == NULL ? length : 1 + next_random(chance) % 40;
        if (size > length - at) size = length - at;
        /* A copy of exactly this size, so that valgrind detects a read beyond it. */
        char *piece = malloc(size);
        memcpy(piece, bytes + at, size);
        status = omni_decoder_feed(decoder, piece, size, count_packet, &sum);
        free(piece);
        at += size;
    }
    omni_decoder_free(decoder);
    return sum * 2 + (status != OMNI_OK);
}

static int fuzz(omni_slice vectors, size_t count, long rounds, unsigned long seed) {
    static const char spice[] = "\f{}[]\",:\\u0e|\xff\xed\x80";
    unsigned long chance = seed;
    while (rounds-- > 0) {
        omni_slice vector = omni_json_item(vectors, next_random(&chance) % count);
        size_t length;
        char *bytes = bytes_of(vector, &length);
        for (unsigned long i = next_random(&chance) % 6; i > 0 && length > 0; i--)
            bytes[next_random(&chance) % length] = spice[next_random(&chance) % (sizeof spice - 1)];
        if (digest(vector, bytes, length, NULL) != digest(vector, bytes, length, &chance)) {
            printf("seed %lu: what is decoded depends on how it is cut: %.*s\n", seed, (int)length, bytes);
            return 0;
        }
        free(bytes);
    }
    return 1;
}

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    *length = 0;
    if (file == NULL) return NULL;
    for (size_t got = 1; got > 0; *length += got) {
        text = realloc(text, *length + 65536);
        got = fread(text + *length, 1, 65536, file);
    }
    fclose(file);
    return text;
}

int main(int argc, char **argv) {
    size_t length, count = 0;
    char *text = argc > 1 ? read_file(argv[1], &length) : NULL;
    long rounds = argc > 2 ? atol(argv[2]) : 2000;
    unsigned long seed = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    int wrong = 0;
    if (text == NULL) {
        fprintf(stderr, "usage: check VECTORS [ROUNDS [SEED]]\n");
        return 2;
    }
    omni_slice file = {text, length}, vectors = omni_json_member(file, "vectors"), vector;
    for (; (vector = omni_json_item(vectors, count)).length > 0; count++) {
        size_t size;
        char *bytes = bytes_of(vector, &size);
        omni_slice lossy = omni_json_member(vector, "lossy");
        omni_slice packets = lossy.length > 0 ? lossy : omni_json_member(vector, "packets");
        size_t steps[] = {size + 1, 1, size / 2 + 1};
        for (int i = 0; i < 3; i++) {
            if (decodes(vector, packets, bytes, size, steps[i])) continue;
            wrong = 1;
            printf("decoded wrongly in chunks of %zu: %.*s\n", steps[i], (int)vector.length, vector.text);
        }
        if (omni_json_member(vector, "encode").length > 0 && !encodes(vector, bytes, size)) {
            wrong = 1;
            printf("encoded wrongly: %.*s\n", (int)vector.length, vector.text);
        }
        free(bytes);
    }
    if (!wrong && !fuzz(vectors, count, rounds, seed)) wrong = 1;
    if (!wrong) printf("%zu vectors, %ld rounds of random bytes (seed %lu)\n", count, rounds, seed);
    free(text);
    return wrong;
}
