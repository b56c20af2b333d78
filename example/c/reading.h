/*
 * What travels between reading.h's users and Node: a packed struct of 16 bytes, either way round.
 * offset 0  char     order    '<' where the other fields are little-endian, '>' where they are big-endian
 * offset 1  uint8_t  kind
 * offset 2  uint16_t sensor
 * offset 4  int32_t  celsius  in thousandths
 * offset 8  double   weight
 */
#ifndef READING_H
#define READING_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#pragma pack(push, 1)
typedef struct {
    char order;
    uint8_t kind;
    uint16_t sensor;
    int32_t celsius;
    double weight;
} reading;
#pragma pack(pop)

_Static_assert(sizeof(reading) == 16, "a reading is 16 bytes, without gaps");

static char own_order(void) {
    const uint16_t one = 1;
    return *(const uint8_t *)&one == 1 ? '<' : '>';
}

static void reverse(void *field, size_t size) {
    uint8_t *bytes = field;
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

/* Turns a reading's fields from this machine's order to the one it names, or back. */
static void reorder(reading *it) {
    if (it->order == own_order()) return;
    /* Pointers to a packed struct's fields may be unaligned: only bytes are touched through them. */
    reverse((uint8_t *)it + 2, 2);
    reverse((uint8_t *)it + 4, 4);
    reverse((uint8_t *)it + 8, 8);
}

static int send_reading(int socket, reading it) {
    reorder(&it);
    const uint8_t *bytes = (const uint8_t *)&it;
    for (size_t done = 0; done < sizeof it;) {
        ssize_t count = write(socket, bytes + done, sizeof it - done);
        if (count <= 0) return -1;
        done += (size_t)count;
    }
    return 0;
}

/* A stream has no messages: reads until a reading is whole. Returns 0 at the end of the stream, -1 for a fault. */
static int receive_reading(int socket, reading *it) {
    uint8_t *bytes = (uint8_t *)it;
    for (size_t done = 0; done < sizeof *it;) {
        ssize_t count = read(socket, bytes + done, sizeof *it - done);
        if (count < 0) return -1;
        if (count == 0) return done == 0 ? 0 : -1;
        done += (size_t)count;
    }
    reorder(it);
    return 1;
}

static void print_reading(const char *what, reading it) {
    printf("%s %c kind %u sensor %u celsius %d weight %.3f\n", what, it.order, it.kind, it.sensor, it.celsius, it.weight);
    fflush(stdout);
}

#endif
