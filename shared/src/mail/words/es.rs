//! Spanish.

use super::{Template, Words};

pub(super) const WORDS: Words = Words {
    wording,
    days: ["día", "días"],
    minutes: ["minuto", "minutos"],
    address: "Si el botón no funciona, copie esta dirección en su navegador:",
};

fn wording(template: Template) -> [&'static str; 3] {
    match template {
        Template::Activation => [
            "Su contraseña para {store}",
            "Hola {name}:\n\nsu cuenta en {store} está lista. Elija una contraseña para empezar a usarla.\n\n\
             El enlace funciona una sola vez y durante {validity}. Si no esperaba este mensaje, no tiene que hacer nada.",
            "Elegir contraseña",
        ],
        Template::Reminder => [
            "Su cuenta en {store} sigue esperando",
            "Hola {name}:\n\nsu cuenta en {store} aún no tiene contraseña. Elija una para empezar a usarla.\n\n\
             Este enlace sustituye al anterior. Funciona una sola vez y durante {validity}.",
            "Elegir contraseña",
        ],
        Template::Reset => [
            "Su nueva contraseña para {store}",
            "Hola {name}:\n\nha pedido una nueva contraseña para {store}. Elíjala aquí.\n\n\
             El enlace funciona una sola vez y durante {validity}. Si no la ha pedido, su contraseña no cambia \
             y no tiene que hacer nada.",
            "Elegir nueva contraseña",
        ],
        Template::Confirmation => [
            "Se ha guardado su contraseña para {store}",
            "Hola {name}:\n\nacaba de guardarse la contraseña de su cuenta en {store}.\n\n\
             Si no ha sido usted, pida enseguida una nueva contraseña y avise a la tienda.",
            "",
        ],
        Template::SignIn => [
            "Acceso a {store}",
            "Hola {name}:\n\ncon este enlace inicia sesión. Funciona una sola vez y durante {validity}.\n\n\
             Si no lo ha pedido, no tiene que hacer nada.",
            "Iniciar sesión",
        ],
    }
}
