//! The stable codes of this crate's diagnostics.

copilot_yaml::codes! { pub static;
    WRONG_TYPE = "copilot::manifest::wrong_type", "a value has another type than its key takes",
        "The message says what the key takes. A quoted number is a string: write `port: 8080`, not `port: '8080'`.";
    READ_AS_ZERO = "copilot::manifest::read_as_zero", "a value of a wrong type is read as zero",
        "Inside some keys (`http` of a Load Balanced Web Service, `count`, `build` and others) Copilot ignores that a \
         value has a wrong type and takes zero, nothing, or an empty text instead: `target_port: '8080'` deploys port 0 and \
         `deregistration_delay: 5` deploys 0 seconds. What is deployed stays as it is; write the value in the right form.";
    UNDEFINED_VARIABLE = "copilot::manifest::undefined_variable", "a manifest uses a variable that is not set",
        "`${NAME}` in a value stands for a variable of the shell, `COPILOT_APPLICATION_NAME` or `COPILOT_ENVIRONMENT_NAME`. \
         All variables of a manifest have to be set, those under other environments too. Write `\\${NAME}` for the text \
         itself.";
    SUBSTITUTION_LIMIT = "copilot::manifest::substitution_limit", "variables make a manifest larger than can be read",
        "A variable whose value holds variables again can stand for any amount of text. The values of a manifest have 8 MiB at \
         most once their variables are put in. Write the value itself instead of a variable that refers to others.";
    PREDEFINED_VARIABLE = "copilot::manifest::predefined_variable", "the shell sets a predefined variable to something else",
        "`COPILOT_APPLICATION_NAME` and `COPILOT_ENVIRONMENT_NAME` hold the names of the application and of the environment \
         that is being rendered. Unset them in the shell.";
    UNKNOWN_TYPE = "copilot::manifest::unknown_type", "the manifest's type is missing or unknown",
        "`type` is one of: Load Balanced Web Service, Backend Service, Worker Service, Request-Driven Web Service, Static \
         Site, Scheduled Job. It is written exactly so.";
    UNKNOWN_KEY = "copilot::manifest::unknown_key", "a key that nothing reads",
        "Copilot ignores keys that it does not know, so a mistyped key silently has no effect. It is a warning, and an \
         error under `--strict`.";
    TRUNCATED = "copilot::manifest::truncated", "a fraction where a whole number is read",
        "Copilot cuts the fraction off: `256.5` deploys `256`. Write the whole number that you mean.";
}
