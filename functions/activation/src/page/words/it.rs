//! Italian.

use super::{Rules, Words};

pub(super) const WORDS: Words = Words {
    choose: "Scelga la sua password",
    choose_for: "Con questa password aprirà il suo account di {store}.",
    password: "Nuova password",
    show: "Mostra",
    set: "Salva la password",
    advice: "Più parole senza legame tra loro sono facili da ricordare e difficili da indovinare.",
    refused: "Questa password non va ancora bene:",
    rules: Rules {
        short: "Servono almeno {number} caratteri.",
        long: "Può avere al massimo {number} caratteri.",
        control: "Contiene un carattere che nessuna tastiera scrive. La digiti invece di incollarla.",
        letter: "Serve una lettera.",
        digit: "Serve una cifra.",
        capital: "Serve una maiuscola.",
        small: "Serve una minuscola.",
        symbol: "Serve un simbolo, come ! o ?.",
        common: "È tra quelle che altri provano per prime. Ne scelga un’altra.",
        personal: "È poco più di un nome. Aggiunga parole che non riguardano lei né il negozio.",
        guessable: "Sarebbe presto indovinata. Aggiunga una o due parole senza legame tra loro.",
    },
    store_says: "{store} non accetta questa password. Il motivo:",
    not_everywhere: "Non è stato possibile salvare la password presso {store}. Il suo link vale ancora: riprovi tra un momento.",
    not_now: "Il suo account ora non è raggiungibile. Il suo link vale ancora: riprovi tra qualche minuto.",
    busy: "La password viene salvata in un’altra scheda. Se lì non è riuscito, riprovi tra un minuto.",
    too_often: "Dalla sua rete ci sono stati moltissimi tentativi. Il suo link vale ancora: riprovi tra {number} minuti.",
    done: "La sua password è salvata",
    done_at: "Ora può accedere con essa a {store}.",
    close: "Può chiudere questa pagina.",
    dead: [
        [
            "Questo link non funziona",
            "Forse è incompleto. Apra il link intero dalla sua mail o ne chieda uno nuovo.",
        ],
        [
            "Questo link è già stato usato",
            "Con esso è stata salvata la password. Se l’ha dimenticata, chieda un nuovo link.",
        ],
        ["C’è un link più recente", "Apra il link dell’ultima mail o ne chieda uno nuovo."],
        ["Questo link è scaduto", "Ne chieda uno nuovo. Arriverà allo stesso indirizzo."],
    ],
    again: "Inviami un nuovo link",
    ask: "Scegliere un’altra password",
    ask_why: "Indichi l’indirizzo e-mail del suo account. Riceverà un link per scegliere un’altra password.",
    email: "Indirizzo e-mail",
    send: "Invia il link",
    asked: "Guardi nella sua casella",
    asked_why: "Se esiste un account con questo indirizzo, una mail con un link è in arrivo. Può richiedere qualche minuto; guardi anche nella posta indesiderata. Potrà chiederla di nuovo dopo dieci minuti.",
    foreign: [
        "Questo modulo non è suo",
        "È troppo vecchio o viene da un’altra pagina. Apra di nuovo il link dalla sua mail.",
    ],
    bad: ["Non è stato possibile leggere", "Torni indietro e compili di nuovo il modulo."],
    broken: ["Qualcosa è andato storto", "Non è colpa sua. Nulla è perduto: riprovi tra qualche minuto."],
};
