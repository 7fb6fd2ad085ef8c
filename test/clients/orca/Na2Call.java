package orca.handlers.nodeagent2;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.util.Map;
import java.util.TreeMap;
import org.apache.http.HttpResponse;
import org.apache.http.auth.AuthScope;
import org.apache.http.auth.UsernamePasswordCredentials;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.DefaultHttpClient;
import org.json.simple.JSONObject;
import org.json.simple.JSONValue;

/**
 * One call of a NodeAgent2 as ORCA makes it: with the same two libraries, and reading the same members of the answer. Nothing is
 * sent along with the first request that proves who asks, so each body goes over the wire twice; bodies are ISO 8859-1 and do
 * not say so; ids are put into the path as they are.
 */
@SuppressWarnings("deprecation")
public final class Na2Call {
    private static final String USER = "admin";
    private static final int DEFAULT_PORT = 80;

    /** What ORCA makes of an answer. */
    public static final class Outcome {
        public final int status;
        public final String message;
        public final String reservationId;
        /** null when the answer has none. */
        public final Map<String, String> properties;
        /** How many requests it took. */
        public final int requests;

        Outcome(int status, String message, String reservationId, Map<String, String> properties, int requests) {
            this.status = status;
            this.message = message;
            this.reservationId = reservationId;
            this.properties = properties;
            this.requests = requests;
        }
    }

    private final String baseUrl;
    private final String password;

    public Na2Call(String baseUrl, String password) {
        this.baseUrl = baseUrl;
        this.password = password;
    }

    /** @param reservationId null: the path ends with the plugin. */
    public Outcome post(String operation, String plugin, String reservationId, Map<String, String> properties) throws IOException {
        HttpPost post = new HttpPost(baseUrl + "/" + operation + "/" + plugin + (reservationId == null ? "" : "/" + reservationId));
        StringEntity body = new StringEntity(new JSONObject(properties).toString());
        body.setContentType("application/json");
        post.setEntity(body);
        return run(post);
    }

    public Outcome status(String plugin, String reservationId) throws IOException {
        return run(new HttpGet(baseUrl + "/status/" + plugin + "/" + reservationId));
    }

    private Outcome run(HttpUriRequest request) throws IOException {
        URL url = new URL(baseUrl);
        int[] requests = {0};
        try (DefaultHttpClient client = new DefaultHttpClient()) {
            client.addRequestInterceptor((sent, context) -> requests[0]++);
            // The port that counts is the one in the URL, and 80 without one, for https too.
            AuthScope scope = new AuthScope(url.getHost(), url.getPort() == -1 ? DEFAULT_PORT : url.getPort());
            client.getCredentialsProvider().setCredentials(scope, new UsernamePasswordCredentials(USER, password));
            HttpResponse response = client.execute(request);
            return read((JSONObject) JSONValue.parse(textOf(response)), requests[0]);
        }
    }

    private static String textOf(HttpResponse response) throws IOException {
        StringBuilder text = new StringBuilder();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(response.getEntity().getContent()))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) text.append(line);
        }
        return text.toString();
    }

    /** Whatever is not as expected ends in a NullPointerException or a ClassCastException, as it does in ORCA. */
    private static Outcome read(JSONObject answer, int requests) {
        int status = (int) (long) (Long) answer.get("status");
        JSONObject id = (JSONObject) answer.get("resId");
        String message = (String) answer.get("errorMsg");
        if (message == null) message = (String) answer.get("message");
        Map<String, String> properties = null;
        if (answer.get("properties") != null) {
            properties = new TreeMap<>();
            for (Object entry : ((JSONObject) answer.get("properties")).entrySet()) {
                Map.Entry<?, ?> property = (Map.Entry<?, ?>) entry;
                properties.put((String) property.getKey(), (String) property.getValue());
            }
        }
        return new Outcome(status, message, id == null ? null : (String) id.get("id"), properties, requests);
    }
}
