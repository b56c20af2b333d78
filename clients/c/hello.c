/* Sends a message and a request to the server: hello ADDRESS */
#include "omni_ipc.h"

#include <stdio.h>

static void on_sum(omni_client *client, const omni_error *error, omni_slice data, void *user) {
    (void)user;
    if (error != NULL) printf("%s: %s\n", error->code, error->message);
    else printf("2 + 40 = %.*s\n", (int)data.length, data.text);
    omni_close(client, omni_json("\"that was all\""));
}

int main(int argc, char **argv) {
    omni_client *client = omni_open(argc > 1 ? argv[1] : "unix:/tmp/app.world", NULL);
    if (client == NULL) return 1;
    omni_emit(client, "message", omni_json("\"hello from C\""));
    omni_request(client, "add", omni_json("[2,40]"), 0, on_sum, NULL);
    while (omni_poll(client, -1) == OMNI_OK) {
    }
    omni_free(client);
    return 0;
}
