//! German.

use super::{Rules, Words};

pub(super) const WORDS: Words = Words {
    choose: "Wählen Sie Ihr Passwort",
    choose_for: "Mit diesem Passwort melden Sie sich bei {store} an.",
    password: "Neues Passwort",
    show: "Anzeigen",
    set: "Passwort festlegen",
    advice: "Mehrere Wörter, die nichts miteinander zu tun haben, sind leicht zu merken und schwer zu erraten.",
    refused: "Dieses Passwort geht noch nicht:",
    rules: Rules {
        short: "Es braucht mindestens {number} Zeichen.",
        long: "Es darf höchstens {number} Zeichen haben.",
        control: "Es enthält ein Zeichen, das keine Tastatur schreibt. Tippen Sie es, statt es einzufügen.",
        letter: "Es braucht einen Buchstaben.",
        digit: "Es braucht eine Ziffer.",
        capital: "Es braucht einen Großbuchstaben.",
        small: "Es braucht einen Kleinbuchstaben.",
        symbol: "Es braucht ein Sonderzeichen, etwa ! oder ?.",
        common: "Es gehört zu denen, die zuerst versucht werden. Wählen Sie ein anderes.",
        personal: "Es ist kaum mehr als ein Name. Fügen Sie Wörter hinzu, die nichts mit Ihnen oder dem Laden zu tun haben.",
        guessable: "Es wäre bald erraten. Fügen Sie ein, zwei Wörter hinzu, die nicht zusammengehören.",
    },
    store_says: "{store} nimmt dieses Passwort nicht an. Die Begründung:",
    not_everywhere: "Bei {store} ließ sich Ihr Passwort nicht festlegen. Ihr Link gilt weiter: Versuchen Sie es gleich noch einmal.",
    not_now: "Ihr Konto ist gerade nicht erreichbar. Ihr Link gilt weiter: Versuchen Sie es in einigen Minuten noch einmal.",
    busy: "Ihr Passwort wird gerade in einem anderen Tab festgelegt. Ist es dort nicht gelungen, versuchen Sie es in einer Minute noch einmal.",
    too_often: "Das wurde aus Ihrem Netz sehr oft versucht. Ihr Link gilt weiter: Versuchen Sie es in {number} Minuten noch einmal.",
    done: "Ihr Passwort ist festgelegt",
    done_at: "Sie können sich nun bei {store} damit anmelden.",
    close: "Sie können diese Seite schließen.",
    dead: [
        [
            "Dieser Link geht nicht",
            "Vielleicht ist er unvollständig. Öffnen Sie den ganzen Link aus Ihrer Mail oder fordern Sie einen neuen an.",
        ],
        [
            "Dieser Link wurde benutzt",
            "Ihr Passwort wurde damit festgelegt. Haben Sie es vergessen, fordern Sie einen neuen Link an.",
        ],
        [
            "Es gibt einen neueren Link",
            "Öffnen Sie den Link aus der letzten Mail oder fordern Sie einen neuen an.",
        ],
        ["Dieser Link ist abgelaufen", "Fordern Sie einen neuen an. Er kommt an dieselbe Adresse."],
    ],
    again: "Neuen Link zusenden",
    ask: "Neues Passwort festlegen",
    ask_why: "Geben Sie die E-Mail-Adresse Ihres Kontos an. Sie erhalten einen Link, um ein neues Passwort zu wählen.",
    email: "E-Mail-Adresse",
    send: "Link senden",
    asked: "Sehen Sie in Ihr Postfach",
    asked_why: "Gibt es ein Konto mit dieser Adresse, ist eine Mail mit einem Link unterwegs. Das kann einige Minuten dauern; sehen Sie auch unter den unerwünschten Mails nach. Nach zehn Minuten können Sie es erneut anfordern.",
    foreign: [
        "Dieses Formular ist nicht Ihres",
        "Es ist zu alt oder kam von einer anderen Seite. Öffnen Sie den Link aus Ihrer Mail noch einmal.",
    ],
    bad: ["Das war nicht lesbar", "Gehen Sie zurück und füllen Sie das Formular noch einmal aus."],
    broken: [
        "Etwas ist schiefgegangen",
        "Es liegt nicht an Ihnen. Nichts ist verloren: Versuchen Sie es in einigen Minuten noch einmal.",
    ],
};
