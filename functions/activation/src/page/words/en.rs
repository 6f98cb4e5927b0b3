//! English.

use super::{Rules, Words};

pub(super) const WORDS: Words = Words {
    choose: "Choose your password",
    choose_for: "This password will open your account at {store}.",
    password: "New password",
    show: "Show",
    set: "Set password",
    advice: "Several words that do not belong together are easy to remember and hard to guess.",
    refused: "This password cannot be used yet:",
    rules: Rules {
        short: "It needs at least {number} characters.",
        long: "It can have at most {number} characters.",
        control: "It holds a character that no keyboard writes. Type it instead of pasting it.",
        letter: "It needs a letter.",
        digit: "It needs a digit.",
        capital: "It needs a capital letter.",
        small: "It needs a small letter.",
        symbol: "It needs a symbol, such as ! or ?.",
        common: "It is one of the passwords that others try first. Choose another.",
        personal: "It is little more than a name. Add words that have nothing to do with you or the store.",
        guessable: "It would soon be guessed. Add a word or two that do not belong together.",
    },
    store_says: "{store} does not take this password. It says:",
    not_everywhere: "Your password could not be set at {store}. Your link still works: try again in a moment.",
    not_now: "Your account cannot be reached just now. Your link still works: try again in a few minutes.",
    busy: "Your password is being set in another tab. If it did not succeed there, try again in a minute.",
    too_often: "That was tried very often from your network. Your link still works: try again in {number} minutes.",
    done: "Your password is set",
    done_at: "You can now sign in with it at {store}.",
    close: "You may close this page.",
    dead: [
        [
            "This link does not work",
            "It may be incomplete. Open the whole link from your mail, or ask for a new one.",
        ],
        [
            "This link was used",
            "Your password was set with it. If you have forgotten it, ask for a new link.",
        ],
        ["There is a newer link", "Open the link in the last mail you were sent, or ask for a new one."],
        ["This link has expired", "Ask for a new link. It comes to the same address."],
    ],
    again: "Send me a new link",
    ask: "Set a new password",
    ask_why: "Give the e-mail address of your account. You are sent a link with which to choose a new password.",
    email: "E-mail address",
    send: "Send link",
    asked: "Look into your mailbox",
    asked_why: "If there is an account with this address, a mail with a link is on its way. It may take a few minutes; look among unwanted mails, too. You can ask again after ten minutes.",
    foreign: [
        "This form is not yours",
        "It is too old or came from another page. Open the link from your mail again.",
    ],
    bad: ["This could not be read", "Go back and fill in the form again."],
    broken: ["Something went wrong", "It is not your fault. Nothing is lost: try again in a few minutes."],
};
