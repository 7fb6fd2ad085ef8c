package orca.handlers.nodeagent2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.json.simple.JSONObject;

/**
 * NodeAgent2's example client as a program: {@code Na2Client URL PASSWORD CALL [-- CALL …]}, where a call is
 * {@code join|leave|modify|status PLUGIN [ID] [NAME=VALUE …]}. Prints what it read of each answer, as a line of JSON.
 */
public final class Na2Client {
    private Na2Client() {}

    public static void main(String[] words) throws Exception {
        Na2Call call = new Na2Call(words[0], words[1]);
        List<String> rest = new ArrayList<>(Arrays.asList(words).subList(2, words.length));
        while (!rest.isEmpty()) {
            int end = rest.indexOf("--");
            List<String> one = rest.subList(0, end == -1 ? rest.size() : end);
            System.out.println(make(call, new ArrayList<>(one)));
            rest = rest.subList(end == -1 ? rest.size() : end + 1, rest.size());
        }
    }

    private static String make(Na2Call call, List<String> words) throws Exception {
        String operation = words.remove(0);
        String plugin = words.remove(0);
        String id = operation.equals("join") ? null : words.remove(0);
        Map<String, String> properties = new TreeMap<>();
        for (String word : words) {
            String[] parts = word.split("=", 2);
            properties.put(parts[0], parts[1]);
        }
        Na2Call.Outcome outcome = operation.equals("status") ? call.status(plugin, id) : call.post(operation, plugin, id, properties);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("status", outcome.status);
        line.put("message", outcome.message);
        line.put("id", outcome.reservationId);
        line.put("properties", outcome.properties);
        line.put("requests", outcome.requests);
        return JSONObject.toJSONString(line);
    }
}
