//! Dutch.

use super::{Template, Words};

pub(super) const WORDS: Words = Words {
    wording,
    days: ["dag", "dagen"],
    minutes: ["minuut", "minuten"],
    address: "Werkt de knop niet? Kopieer dan dit adres naar uw browser:",
};

fn wording(template: Template) -> [&'static str; 3] {
    match template {
        Template::Activation => [
            "Uw wachtwoord voor {store}",
            "Beste {name},\n\nuw account bij {store} staat klaar. Kies een wachtwoord om het te gebruiken.\n\n\
             De link werkt één keer en {validity} lang. Had u deze mail niet verwacht, dan hoeft u niets te doen.",
            "Wachtwoord kiezen",
        ],
        Template::Reminder => [
            "Uw account bij {store} wacht nog",
            "Beste {name},\n\nuw account bij {store} heeft nog geen wachtwoord. Kies er een om het te gebruiken.\n\n\
             Deze link vervangt de vorige. Hij werkt één keer en {validity} lang.",
            "Wachtwoord kiezen",
        ],
        Template::Reset => [
            "Uw nieuwe wachtwoord voor {store}",
            "Beste {name},\n\nu hebt een nieuw wachtwoord voor {store} aangevraagd. Kies het hier.\n\n\
             De link werkt één keer en {validity} lang. Hebt u niets aangevraagd, dan blijft uw wachtwoord zoals \
             het is en hoeft u niets te doen.",
            "Nieuw wachtwoord kiezen",
        ],
        Template::Confirmation => [
            "Uw wachtwoord voor {store} is ingesteld",
            "Beste {name},\n\nhet wachtwoord van uw account bij {store} is zojuist ingesteld.\n\n\
             Was u dat niet, vraag dan meteen een nieuw wachtwoord aan en waarschuw de winkel.",
            "",
        ],
        Template::SignIn => [
            "Inloggen bij {store}",
            "Beste {name},\n\nmet deze link logt u in. Hij werkt één keer en {validity} lang.\n\n\
             Hebt u hem niet aangevraagd, dan hoeft u niets te doen.",
            "Inloggen",
        ],
    }
}
