package orca.handlers.nodeagent2;

import java.net.MalformedURLException;
import java.net.URL;
import java.util.Map;
import java.util.TreeMap;
import org.apache.tools.ant.BuildException;
import org.apache.tools.ant.Task;

/** What ORCA's three tasks have in common: their attributes, and what they do to the project's properties. */
public abstract class Na2Task extends Task {
    private final String operation;
    private String baseUrl;
    private String password;
    private String plugin;
    private String prefix;
    private String returnPrefix;
    private String reservationId;
    private String statusProperty;
    private String errorMsgProperty;
    private String reservationIdProperty;

    protected Na2Task(String operation) {
        this.operation = operation;
    }

    public void setBaseUrl(String value) {
        try {
            new URL(value);
        } catch (MalformedURLException e) {
            throw new BuildException("Invalid NA2 URL " + value);
        }
        baseUrl = value;
    }

    public void setPassword(String value) {
        password = value;
    }

    public void setPlugin(String value) {
        plugin = value;
    }

    public void setPrefix(String value) {
        prefix = value;
    }

    public void setReturnPrefix(String value) {
        returnPrefix = value;
    }

    public void setReservationId(String value) {
        reservationId = value;
    }

    public void setStatusProperty(String value) {
        statusProperty = value;
    }

    public void setErrorMsgProperty(String value) {
        errorMsgProperty = value;
    }

    public void setReservationIdProperty(String value) {
        reservationIdProperty = value;
    }

    @Override
    public void execute() {
        for (String needed : new String[] {plugin, password, baseUrl, prefix, returnPrefix, statusProperty, reservationIdProperty, errorMsgProperty}) {
            if (needed == null) throw new BuildException("an attribute is missing");
        }
        if (!operation.equals("join") && reservationId == null) throw new BuildException("Attribute reservationId must be specified for this operation");
        Na2Call.Outcome outcome;
        try {
            outcome = new Na2Call(baseUrl, password).post(operation, plugin, reservationId, propertiesToSend());
            getProject().setProperty(statusProperty, Integer.toString(outcome.status));
            // On success there is no message: null, which Ant takes for "not set".
            getProject().setProperty(errorMsgProperty, outcome.message);
            getProject().setProperty(reservationIdProperty, outcome.reservationId == null ? "Not available" : outcome.reservationId);
            if (outcome.properties == null) return;
            for (Map.Entry<String, String> property : outcome.properties.entrySet()) {
                getProject().setProperty(returnPrefix + "." + property.getKey(), property.getValue());
            }
        } catch (Exception e) {
            throw new BuildException("Unable to POST " + operation.toUpperCase() + " to " + plugin + ": " + e);
        }
    }

    private Map<String, String> propertiesToSend() {
        Map<String, String> sent = new TreeMap<>();
        for (Map.Entry<String, Object> property : getProject().getProperties().entrySet()) {
            if (property.getKey().startsWith(prefix)) sent.put(property.getKey(), (String) property.getValue());
        }
        return sent;
    }
}
