//! English.

use super::{Template, Words};

pub(super) const WORDS: Words = Words {
    wording,
    days: ["day", "days"],
    minutes: ["minute", "minutes"],
    address: "If the button does not work, copy this address into your browser:",
};

fn wording(template: Template) -> [&'static str; 3] {
    match template {
        Template::Activation => [
            "Set your password for {store}",
            "Hello {name},\n\nyour account at {store} is ready. Choose a password to start using it.\n\n\
             The link works once and for {validity}. If you did not expect this mail, you need not do anything.",
            "Choose a password",
        ],
        Template::Reminder => [
            "Your account at {store} is still waiting",
            "Hello {name},\n\nyour account at {store} has no password yet. Choose one to start using it.\n\n\
             This link takes the place of the one we sent before. It works once and for {validity}.",
            "Choose a password",
        ],
        Template::Reset => [
            "Your new password for {store}",
            "Hello {name},\n\nyou asked for a new password for {store}. Choose it here.\n\n\
             The link works once and for {validity}. If you did not ask for it, your password stays as it is \
             and you need not do anything.",
            "Choose a new password",
        ],
        Template::Confirmation => [
            "Your password for {store} was set",
            "Hello {name},\n\nthe password of your account at {store} was just set.\n\n\
             If that was not you, ask for a new password at once and tell the store.",
            "",
        ],
        Template::SignIn => [
            "Sign in to {store}",
            "Hello {name},\n\nthis link signs you in. It works once and for {validity}.\n\n\
             If you did not ask for it, you need not do anything.",
            "Sign in",
        ],
    }
}
