//! Spanish.

use super::{Rules, Words};

pub(super) const WORDS: Words = Words {
    choose: "Elija su contraseña",
    choose_for: "Con esta contraseña entrará en su cuenta de {store}.",
    password: "Contraseña nueva",
    show: "Mostrar",
    set: "Guardar contraseña",
    advice: "Varias palabras sin relación entre sí son fáciles de recordar y difíciles de adivinar.",
    refused: "Esta contraseña aún no sirve:",
    rules: Rules {
        short: "Necesita al menos {number} caracteres.",
        long: "Puede tener como máximo {number} caracteres.",
        control: "Contiene un carácter que ningún teclado escribe. Escríbala en lugar de pegarla.",
        letter: "Necesita una letra.",
        digit: "Necesita una cifra.",
        capital: "Necesita una mayúscula.",
        small: "Necesita una minúscula.",
        symbol: "Necesita un símbolo, como ! o ?.",
        common: "Es una de las que otros prueban primero. Elija otra.",
        personal: "Es poco más que un nombre. Añada palabras que no tengan que ver con usted ni con la tienda.",
        guessable: "Se adivinaría pronto. Añada una o dos palabras sin relación entre sí.",
    },
    store_says: "{store} no acepta esta contraseña. El motivo:",
    not_everywhere: "No se pudo guardar su contraseña en {store}. Su enlace sigue valiendo: inténtelo de nuevo en un momento.",
    not_now: "Ahora no se puede llegar a su cuenta. Su enlace sigue valiendo: inténtelo de nuevo en unos minutos.",
    busy: "Su contraseña se está guardando en otra pestaña. Si allí no se logró, inténtelo de nuevo en un minuto.",
    too_often: "Se ha intentado muchas veces desde su red. Su enlace sigue valiendo: inténtelo de nuevo en {number} minutos.",
    done: "Su contraseña está guardada",
    done_at: "Ya puede entrar con ella en {store}.",
    close: "Puede cerrar esta página.",
    dead: [
        [
            "Este enlace no funciona",
            "Quizá esté incompleto. Abra el enlace entero de su correo o pida uno nuevo.",
        ],
        ["Este enlace ya se usó", "Con él se guardó su contraseña. Si la ha olvidado, pida un enlace nuevo."],
        ["Hay un enlace más nuevo", "Abra el enlace del último correo o pida uno nuevo."],
        ["Este enlace ha caducado", "Pida uno nuevo. Llegará a la misma dirección."],
    ],
    again: "Enviarme un enlace nuevo",
    ask: "Elegir otra contraseña",
    ask_why: "Escriba la dirección de correo de su cuenta. Recibirá un enlace para elegir otra contraseña.",
    email: "Correo electrónico",
    send: "Enviar enlace",
    asked: "Mire su buzón",
    asked_why: "Si hay una cuenta con esta dirección, un correo con un enlace está en camino. Puede tardar unos minutos; mire también entre los correos no deseados. Puede pedirlo de nuevo pasados diez minutos.",
    foreign: [
        "Este formulario no es suyo",
        "Es demasiado antiguo o vino de otra página. Abra de nuevo el enlace de su correo.",
    ],
    bad: ["No se pudo leer", "Vuelva atrás y rellene el formulario de nuevo."],
    broken: [
        "Algo ha fallado",
        "No es culpa suya. No se ha perdido nada: inténtelo de nuevo en unos minutos.",
    ],
};
