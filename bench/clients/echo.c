/* The client of the echo workload, with clients/c: echo PATH WARM_MS TIME_MS IN_FLIGHT. It prints its report as JSON. */
#define _POSIX_C_SOURCE 200809L
#include "../../clients/c/omni_ipc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long sent, received;
static double until;
static int over;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Makes the same messages as lib/message.js. */
static const char *text_of(long n) {
    static char text[65];
    snprintf(text, sizeof text, "%lxomni-ipc bench payload omni-ipc bench payload omni-ipc bench payload ", n & 15);
    return text;
}

static void say(omni_client *client) {
    char json[128];
    snprintf(json, sizeof json, "{\"n\":%ld,\"text\":\"%s\"}", sent, text_of(sent));
    sent++;
    if (omni_emit(client, "message", omni_json(json)) != OMNI_OK) exit(3);
}

static void on_message(omni_client *client, const char *type, omni_slice data, void *user) {
    char text[80];
    (void)type;
    (void)user;
    omni_json_text(omni_json_member(data, "text"), text, sizeof text);
    if (strtol(omni_json_member(data, "n").text, NULL, 10) != received || strcmp(text, text_of(received)) != 0) exit(4);
    received++;
    if (now_ms() < until) say(client);
    else if (received == sent) over = 1;
}

static void phase(omni_client *client, double ms, int in_flight) {
    over = 0;
    until = now_ms() + ms;
    for (int i = 0; i < in_flight; i++) say(client);
    while (!over)
        if (omni_poll(client, -1) != OMNI_OK) exit(5);
}

int main(int argc, char **argv) {
    omni_client *client = argc == 5 ? omni_open(argv[1], NULL) : NULL;
    if (client == NULL) return 2;
    omni_on(client, "message", on_message, NULL);
    phase(client, atof(argv[2]), atoi(argv[4]));
    long first = sent;
    double start = now_ms();
    phase(client, atof(argv[3]), atoi(argv[4]));
    printf("{\"rate\":%.3f,\"sent\":%ld}\n", (double)(sent - first) / (now_ms() - start) * 1000, sent);
    omni_free(client);
    return 0;
}
