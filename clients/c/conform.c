/*
 * The program for `omni-ipc conform`: conform ADDRESS
 * Echoes bytes as they come: conform ADDRESS raw | little | big
 */
#include "omni_ipc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void echo(omni_client *client, const char *type, omni_slice data, void *user) {
    (void)type;
    omni_emit(client, (const char *)user, data);
}

static void answer_echo(omni_client *client, omni_call *call, omni_slice data, void *user) {
    (void)client;
    (void)user;
    omni_answer(call, data);
}

static void answer_fail(omni_client *client, omni_call *call, omni_slice data, void *user) {
    char message[256];
    (void)client;
    (void)user;
    omni_json_text(data, message, sizeof message);
    omni_refuse(call, NULL, message);
}

static char *text_of(omni_slice string) {
    char *text = malloc(string.length + 1);
    omni_json_text(string, text, string.length + 1);
    return text;
}

static void tell(omni_client *client, const omni_error *error, omni_slice data, void *user) {
    size_t size = data.length + 64;
    char *code = NULL, *message = NULL, *json;
    (void)user;
    if (error != NULL) {
        code = omni_json_quote(error->code, strlen(error->code));
        message = omni_json_quote(error->message, strlen(error->message));
        size += strlen(code) + strlen(message);
    }
    json = malloc(size);
    if (error != NULL) snprintf(json, size, "{\"error\":{\"message\":%s,\"code\":%s}}", message, code);
    else snprintf(json, size, "{\"data\":%.*s}", (int)data.length, data.text);
    omni_emit(client, "answered", omni_json(json));
    free(code);
    free(message);
    free(json);
}

static void ask(omni_client *client, const char *type, omni_slice data, void *user) {
    char *name = text_of(omni_json_member(data, "type"));
    (void)type;
    omni_request(client, name, omni_json_member(data, "data"), 1000, tell, user);
    free(name);
}

static void heard(omni_client *client, const char *topic, omni_slice data, void *user) {
    char *name = omni_json_quote(topic, strlen(topic));
    size_t size = strlen(name) + data.length + 64;
    char *json = malloc(size);
    (void)user;
    snprintf(json, size, "{\"topic\":%s,\"data\":%.*s}", name, (int)data.length, data.text);
    omni_emit(client, "heard", omni_json(json));
    free(name);
    free(json);
}

static void subscribed(omni_client *client, const omni_error *error, omni_slice data, void *user) {
    (void)data;
    (void)user;
    if (error == NULL) omni_emit(client, "subscribed", omni_json("true"));
}

static void subscribe(omni_client *client, const char *type, omni_slice data, void *user) {
    char *pattern = text_of(data);
    (void)type;
    omni_subscribe(client, pattern, heard, subscribed, user);
    free(pattern);
}

static void unsubscribed(omni_client *client, const omni_error *error, omni_slice data, void *user) {
    (void)data;
    (void)user;
    if (error == NULL) omni_emit(client, "unsubscribed", omni_json("true"));
}

static void unsubscribe(omni_client *client, const char *type, omni_slice data, void *user) {
    char *pattern = text_of(data);
    (void)type;
    omni_unsubscribe(client, pattern, unsubscribed, user);
    free(pattern);
}

static void publish(omni_client *client, const char *type, omni_slice data, void *user) {
    char *topic = text_of(omni_json_member(data, "topic"));
    (void)type;
    (void)user;
    omni_publish(client, topic, omni_json_member(data, "data"));
    free(topic);
}

/* Ends the program in an orderly manner, so that valgrind can check for leaks. */
static void quit(omni_client *client, const char *type, omni_slice data, void *user) {
    (void)type;
    (void)data;
    (void)user;
    omni_close(client, omni_json("\"told to quit\""));
}

static void send_back(omni_client *client, const char *type, omni_slice data, void *user) {
    (void)type;
    (void)user;
    omni_send(client, data.text, data.length);
}

static omni_framing framing_of(const char *name) {
    return *name == 'r' ? OMNI_RAW : *name == 'l' ? OMNI_LENGTH_LE : OMNI_LENGTH_BE;
}

int main(int count, char **arguments) {
    omni_options options = {0};
    omni_client *client;
    if (count == 3) options.framing = framing_of(arguments[2]);
    options.retry_ms = 30;
    options.max_message_size = 2 * 1024 * 1024;
    client = count > 1 ? omni_open(arguments[1], &options) : NULL;
    if (client == NULL) {
        fprintf(stderr, "usage: conform ADDRESS [raw | little | big]\n");
        return 2;
    }
    if (count == 3) omni_on(client, "data", send_back, NULL);
    omni_on(client, "echo", echo, "echo");
    omni_on(client, "note", echo, "noted");
    omni_on(client, "ask", ask, NULL);
    omni_on(client, "subscribe", subscribe, NULL);
    omni_on(client, "unsubscribe", unsubscribe, NULL);
    omni_on(client, "publish", publish, NULL);
    omni_on(client, "quit", quit, NULL);
    omni_handle(client, "echo", answer_echo, NULL);
    omni_handle(client, "fail", answer_fail, NULL);
    while (omni_poll(client, -1) == OMNI_OK) {
    }
    omni_free(client);
    return 0;
}
