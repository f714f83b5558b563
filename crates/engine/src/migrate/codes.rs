//! The stable codes of what `migrate` leaves.

copilot_yaml::codes! { pub static;
    LEFT = "copilot::migrate::left", "`migrate` leaves something as it is",
        "`migrate` changes only what it can change without a doubt. The message says what keeps it: commands in a list in brackets, \
         one buildspec that several pipelines run, or a command of your own that needs what would go. Change that, or the part that the \
         message names, by hand; `copilot-pipeline init --name OTHER` writes a buildspec to copy from.";
}
