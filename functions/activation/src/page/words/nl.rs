//! Dutch.

use super::{Rules, Words};

pub(super) const WORDS: Words = Words {
    choose: "Kies uw wachtwoord",
    choose_for: "Met dit wachtwoord opent u uw account bij {store}.",
    password: "Nieuw wachtwoord",
    show: "Tonen",
    set: "Wachtwoord instellen",
    advice: "Enkele woorden die niets met elkaar te maken hebben, zijn goed te onthouden en moeilijk te raden.",
    refused: "Dit wachtwoord kan nog niet:",
    rules: Rules {
        short: "Het heeft minstens {number} tekens nodig.",
        long: "Het mag hoogstens {number} tekens hebben.",
        control: "Er staat een teken in dat geen toetsenbord schrijft. Typ het in plaats van het te plakken.",
        letter: "Het heeft een letter nodig.",
        digit: "Het heeft een cijfer nodig.",
        capital: "Het heeft een hoofdletter nodig.",
        small: "Het heeft een kleine letter nodig.",
        symbol: "Het heeft een leesteken nodig, zoals ! of ?.",
        common: "Het is er een die anderen het eerst proberen. Kies een ander.",
        personal: "Het is weinig meer dan een naam. Voeg woorden toe die niets met u of de winkel te maken hebben.",
        guessable: "Het zou snel geraden worden. Voeg een of twee woorden toe die niet bij elkaar horen.",
    },
    store_says: "{store} neemt dit wachtwoord niet aan. De reden:",
    not_everywhere: "Bij {store} kon uw wachtwoord niet worden ingesteld. Uw link werkt nog: probeer het zo weer.",
    not_now: "Uw account is nu niet bereikbaar. Uw link werkt nog: probeer het over enkele minuten weer.",
    busy: "Uw wachtwoord wordt in een ander tabblad ingesteld. Lukte het daar niet, probeer het dan over een minuut weer.",
    too_often: "Dat is vanuit uw netwerk heel vaak geprobeerd. Uw link werkt nog: probeer het over {number} minuten weer.",
    done: "Uw wachtwoord is ingesteld",
    done_at: "U kunt er nu mee inloggen bij {store}.",
    close: "U kunt deze pagina sluiten.",
    dead: [
        [
            "Deze link werkt niet",
            "Misschien is hij onvolledig. Open de hele link uit uw mail of vraag een nieuwe aan.",
        ],
        [
            "Deze link is gebruikt",
            "Uw wachtwoord is ermee ingesteld. Bent u het vergeten, vraag dan een nieuwe link aan.",
        ],
        ["Er is een nieuwere link", "Open de link uit de laatste mail of vraag een nieuwe aan."],
        ["Deze link is verlopen", "Vraag een nieuwe aan. Hij komt op hetzelfde adres."],
    ],
    again: "Stuur mij een nieuwe link",
    ask: "Een nieuw wachtwoord kiezen",
    ask_why: "Geef het e-mailadres van uw account. U krijgt een link waarmee u een nieuw wachtwoord kiest.",
    email: "E-mailadres",
    send: "Link sturen",
    asked: "Kijk in uw postvak",
    asked_why: "Is er een account met dit adres, dan is een mail met een link onderweg. Dat kan enkele minuten duren; kijk ook bij de ongewenste mail. Na tien minuten kunt u het opnieuw vragen.",
    foreign: [
        "Dit formulier is niet van u",
        "Het is te oud of kwam van een andere pagina. Open de link uit uw mail opnieuw.",
    ],
    bad: ["Dit kon niet worden gelezen", "Ga terug en vul het formulier opnieuw in."],
    broken: [
        "Er ging iets mis",
        "Het ligt niet aan u. Er is niets verloren: probeer het over enkele minuten weer.",
    ],
};
