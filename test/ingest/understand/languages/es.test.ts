import { describe, expect, test } from 'vitest';
import { inShort, isComplete } from './in-short.ts';

const WEB = 'source Web @lumen-labs';
const MARCH = '2024-03-01..2024-03-31';
const IN = 'del workspace lumen-labs';

describe('Spanish: ways to ask for a deletion', () => {
  test.each([
    'Por favor, eliminen el workspace lumen-labs.',
    'Por favor eliminad el workspace lumen-labs.',
    'Elimine el workspace lumen-labs, por favor.',
    'Borren el workspace lumen-labs.',
    'Borrad el workspace lumen-labs de una vez.',
    'Borra el workspace lumen-labs porfa.',
    'Borrá el workspace lumen-labs, por favor.',
    'Hola, borren el workspace lumen-labs.',
    'Hola buenas, eliminad el workspace lumen-labs porfa',
    'Eliminar el workspace lumen-labs.',
    'Favor de eliminar el workspace lumen-labs.',
    '¿Pueden borrar el workspace lumen-labs?',
    '¿Podrían eliminar el workspace lumen-labs, por favor?',
    '¿Podéis borrarnos el workspace lumen-labs?',
    'Podeis borrar el workspace lumen-labs?',
    '¿Me borráis el workspace lumen-labs?',
    '¿Sería posible eliminar el workspace lumen-labs?',
    '¿Sería posible que eliminaran el workspace lumen-labs?',
    'Les ruego que eliminen el workspace lumen-labs.',
    'Ruego procedan a la eliminación del workspace lumen-labs.',
    'Solicitamos la eliminación completa del workspace lumen-labs.',
    'Solicito la eliminacion del workspace lumen-labs.',
    'Por la presente solicito la supresión total del workspace lumen-labs.',
    'Les pedimos que borren el workspace lumen-labs.',
    'Quiero borrar el workspace lumen-labs.',
    'Queremos que se elimine el workspace lumen-labs.',
    'Necesitamos que suprimáis el workspace lumen-labs.',
    'Nos gustaría eliminar el workspace lumen-labs.',
    'Me gustaría que eliminaran el workspace lumen-labs.',
    'Agradeceríamos que eliminasen el workspace lumen-labs.',
    'Hay que borrar el workspace lumen-labs.',
    'El workspace lumen-labs debe ser eliminado.',
    'El workspace lumen-labs tiene que eliminarse.',
    'Procedan a purgar el workspace lumen-labs.',
    'Les escribo para solicitar la eliminación del workspace lumen-labs.',
    'Exijo que borren el workspace lumen-labs. ¡Es la tercera vez que lo pido!',
    'Ya lo hemos exportado todo: borren el workspace lumen-labs.',
    'Cuando podáis, eliminad el workspace lumen-labs.',
    'Si es posible, eliminen el workspace lumen-labs lo antes posible.',
    'Borren el workspace lumen-labs y avísenme cuando esté hecho.',
    'Eliminen el workspace lumen-labs. Si tienen alguna pregunta, aquí estoy.',
    'Por favor, eliminen el espacio de trabajo lumen-labs.',
  ])('%s', (text) => {
    expect(inShort(text)).toBe('delete: workspace @lumen-labs');
  });
});

describe('Spanish: what is to go', () => {
  test.each([
    ['Por favor, eliminen nuestra cuenta y todos nuestros espacios de trabajo.', 'delete: account'],
    ['Solicitamos la eliminación de todos nuestros workspaces.', 'delete: account'],
    ['Quiero eliminar mi cuenta completa.', 'delete: account'],
    [
      'Necesitamos que suprimáis el espacio Unify «Clientes Sur» del workspace lumen-labs.',
      'delete: space Clientes Sur @lumen-labs',
    ],
    [
      '¿Pueden eliminar al usuario final user_8812 del workspace lumen-labs?',
      'delete: user user_8812 @lumen-labs',
    ],
    [
      `Borren los datos de los usuarios u-1204, u-1208 y jane@ex.org ${IN}.`,
      'delete: user u-1204, u-1208, jane@ex.org @lumen-labs',
    ],
    [
      'El interesado ejerce su derecho de supresión. Por favor, borren sus datos en el workspace lumen-labs.',
      'delete',
    ],
    [
      'Del proyecto «App Móvil» hay que borrar los eventos «Carrito Visto» y «Pago Hecho» de marzo de 2024.',
      `delete: events Carrito Visto, Pago Hecho #App Móvil ${MARCH}`,
    ],
    [
      'Por favor, eliminen la propiedad de usuario email del proyecto "App Móvil", todo el historial.',
      'delete: events user.email #App Móvil ..',
    ],
    [
      'Hola:\n\nSolicitud de eliminación\n\nWorkspace: lumen-labs\nFuente: Web\nPeriodo: del 1 al 31 de marzo de 2024\nMotivo: duplicados',
      `delete: ${WEB} ${MARCH}`,
    ],
    [
      'Qué se elimina: un espacio Unify\nWorkspace (slug): lumen-labs\nEspacio Unify: Socios Norte\nSolicitante: A. Ruiz',
      'delete: space Socios Norte @lumen-labs',
    ],
    [
      'A eliminar: datos de una fuente\nEspacio de trabajo: lumen-labs\nFuente: Web\nDesde: 13/03/2024\nHasta: 31/03/2024',
      'delete: source Web @lumen-labs 2024-03-13..2024-03-31',
    ],
    ['¿Pueden borrar nuestros datos?', 'delete'],
  ])('%s', (text, expected) => {
    expect(inShort(text)).toBe(expected);
  });
});

describe('Spanish: time frames', () => {
  test.each([
    ['del 1 al 15 de marzo de 2024', '2024-03-01..2024-03-15'],
    ['entre el 1 y el 5 de abril de 2024', '2024-04-01..2024-04-05'],
    ['del 28 de febrero al 3 de marzo de 2024', '2024-02-28..2024-03-03'],
    ['desde el 3 hasta el 9 de marzo de 2024', '2024-03-03..2024-03-09'],
    ['desde el 3 de marzo de 2024 hasta el 9 de marzo de 2024', '2024-03-03..2024-03-09'],
    ['del 12/03/2024 al 19/03/2024', '2024-03-12..2024-03-19'],
    ['del 12.03.2024 al 14.04.2024', '2024-03-12..2024-04-14'],
    ['de marzo de 2024', MARCH],
    ['del mes de marzo de 2024', MARCH],
    ['de setiembre de 2023', '2023-09-01..2023-09-30'],
    ['de enero a marzo de 2024', '2024-01-01..2024-03-31'],
    ['del primer trimestre de 2024', '2024-01-01..2024-03-31'],
    ['del T4 2023', '2023-10-01..2023-12-31'],
    ['del segundo semestre de 2023', '2023-07-01..2023-12-31'],
    ['del año 2023', '2023-01-01..2023-12-31'],
    ['del mes pasado', '2024-04-01..2024-04-30'],
    ['de la semana pasada', '2024-05-06..2024-05-12'],
    ['del trimestre pasado', '2024-01-01..2024-03-31'],
    ['del año pasado', '2023-01-01..2023-12-31'],
    ['de ayer', '2024-05-14..2024-05-14'],
    ['de los últimos 7 días', '2024-05-09..2024-05-15'],
    ['de los ultimos tres dias', '2024-05-13..2024-05-15'],
    ['desde el 3 de marzo de 2024', '2024-03-03..'],
    ['a partir del 3 de marzo de 2024', '2024-03-03..'],
    ['desde el 3 de marzo de 2024 hasta hoy', '2024-03-03..2024-05-15'],
    ['anteriores al 1 de marzo de 2024', '..2024-02-29'],
    ['hasta el 31 de marzo de 2024', '..2024-03-31'],
    ['posteriores al 15 de marzo de 2024', '2024-03-16..'],
    ['de la semana 14 de 2024', '2024-04-01..2024-04-07'],
    ['desde el principio, sin límite de fechas', '..'],
    ['de todo el historial', '..'],
    ['con fecha del 5 de marzo de 2024', '2024-03-05..2024-03-05'],
    ['a fecha de 5 de marzo de 2024', '2024-03-05..2024-03-05'],
    ['de la primera quincena de marzo de 2024', '?'],
    ['de los primeros días de marzo de 2024', '?'],
    ['de principios de marzo de 2024', '?'],
    ['de finales de marzo de 2024', '?'],
    ['del 3 y del 9 de marzo de 2024', '?'],
    ['de los últimos meses', '?'],
    ['de marzo', '?'],
  ])('%s', (time, expected) => {
    expect(inShort(`Por favor, borren los datos de la fuente «Web» ${IN} ${time}.`)).toBe(
      `delete: ${WEB} ${expected}`,
    );
  });

  test.each([
    ['del 03/04/2024 al 05/04/2024', '!ambiguous_date'],
    ['del 15 de marzo de 2024 al 3 de marzo de 2024', '!reversed_range'],
    ['del 3 al 9 de marzo de 2025', '!in_future'],
    ['de ayer entre las 14:00 y las 16:30', '!finer_than_day'],
    ['de ayer por la tarde', '!finer_than_day'],
    ['de las últimas dos horas', '!finer_than_day'],
  ])('%s', (time, problem) => {
    expect(inShort(`Por favor, borren los datos de la fuente «Web» ${IN} ${time}.`)).toBe(
      `delete: ${WEB} ? ${problem}`,
    );
  });
});

describe('Spanish: stops, states and codes', () => {
  test.each([
    ['Por favor, cancelen la eliminación PD-1042.', 'cancel PD-1042'],
    ['¡Paren todo!', 'cancel PD-1042'],
    ['Paradlo inmediatamente, por favor.', 'cancel PD-1042'],
    ['Queremos anular la solicitud.', 'cancel PD-1042'],
    ['Retiramos nuestra solicitud.', 'cancel PD-1042'],
    ['Nosotros nunca hemos solicitado esto.', 'cancel PD-1042'],
    ['No hemos sido nosotros. Nadie de la empresa ha pedido esto.', 'cancel PD-1042'],
    ['Hemos cambiado de opinión, no borréis nada.', 'cancel PD-1042'],
    ['Al final nos quedamos con todo, dejen sin efecto la solicitud.', 'cancel PD-1042'],
    ['Mejor no lo borréis.', 'cancel PD-1042'],
    ['cancelar', 'cancel PD-1042'],
    ['STOP', 'cancel PD-1042'],
    ['¡No eliminen ese workspace!', 'cancel PD-1042'],
    ['¿Cómo va nuestra solicitud?', 'status PD-1042'],
    ['¿Hay alguna novedad?', 'status PD-1042'],
    ['¿Ya lo han borrado?', 'status PD-1042'],
    ['¿Está hecho?', 'status PD-1042'],
    ['¿En qué estado está la eliminación?', 'status PD-1042'],
    ['Seguimos esperando respuesta.', 'status PD-1042'],
    ['¿Cuándo estará terminada la purga?', 'status PD-1042'],
    ['El código es 493817', 'verify PD-1042 493817'],
    ['493 817', 'verify PD-1042 493817'],
    ['Código 493817. Nuestro número de cliente es el 200417.', 'verify PD-1042 493817'],
    ['Todo perfecto, muchas gracias por la ayuda.', 'other PD-1042'],
  ])('%s', (text, expected) => {
    expect(inShort(text, 'Re: [PD-1042] Su solicitud')).toBe(expected);
  });
});

describe('Spanish: corrections and exceptions', () => {
  test.each([
    [
      'Borren la fuente «Web», no la fuente «Móvil», del workspace lumen-labs en marzo de 2024.',
      `delete: ${WEB} ${MARCH}`,
    ],
    [
      'Vacíen la fuente «Web» del workspace lumen-labs, todo el historial. El workspace no se toca.',
      `delete: ${WEB} ..`,
    ],
    [
      'Borren los datos de la fuente «Web» del workspace lumen-test de marzo de 2024. Perdón, me he equivocado: el workspace correcto es lumen-labs.',
      `delete: ${WEB} ${MARCH}`,
    ],
  ])('%s', (text, expected) => {
    expect(inShort(text)).toBe(expected);
  });
});

describe('Spanish: nothing that could be done as it stands', () => {
  test.each([
    'Por favor, elimínenla de nuestro workspace lumen-labs.',
    'Por favor, borren sus datos en el workspace lumen-labs.',
    'Quiten a pablo@lab.es de los administradores del workspace lumen-labs.',
    'Borren los datos de prueba del workspace lumen-labs.',
    'Borren los datos de enero del workspace lumen-labs.',
    'Borren los datos antiguos del workspace lumen-labs.',
    'Borren el workspace lumen-labs o el lumen-test.',
    'Borren el workspace lumen-labs, bueno, casi todo.',
    'Borren nuestro workspace inactivo.',
    'Prohibido borrar el workspace lumen-labs.',
    'Eliminen los accesos de Pablo al workspace lumen-labs.',
    'Borren los datos de la fuente «Web» del workspace lumen-labs de marzo de 2024 menos el día 12.',
    'Borren los datos de la fuente «Web» del workspace lumen-labs de los 10 primeros días de marzo de 2024.',
    '¿Qué pasa si eliminamos el workspace lumen-labs?',
    '¿Cómo elimino el workspace lumen-labs?',
    'Como puedo eliminar el workspace lumen-labs',
    '¿Se puede eliminar el workspace lumen-labs sin perder las fuentes?',
    'Estamos pensando en eliminar el workspace lumen-labs.',
    'Nos planteamos borrar el workspace lumen-labs.',
    'Si cancelamos el contrato, eliminen el workspace lumen-labs.',
    'En cuanto legal dé el visto bueno, borren el workspace lumen-labs.',
    'Cuando terminemos la migración, borren el workspace lumen-labs.',
    'No eliminen el workspace lumen-labs.',
    'Por favor, no borréis el workspace lumen-labs.',
    'No hay que borrar el workspace lumen-labs.',
    'No queremos que borren el workspace lumen-labs.',
    'El workspace lumen-labs no debe ser eliminado.',
    'Nunca hemos pedido eliminar el workspace lumen-labs.',
    'El workspace lumen-labs fue eliminado ayer.',
    'El año pasado os pedimos borrar el workspace lumen-labs y fue muy rápido.',
    'Ayer pedimos que borraran el workspace lumen-labs.',
    '¿Quién ha eliminado el workspace lumen-labs?',
    '¿Han borrado ya el workspace lumen-labs?',
    'Intento eliminar el workspace lumen-labs, pero el botón está en gris.',
    'No consigo borrar el workspace lumen-labs.',
    'Eliminar el workspace lumen-labs sería un error.',
    'Eliminar el workspace lumen-labs es irreversible, lo sabemos.',
    'Borren el workspace lumen-labs el lunes que viene.',
    'Eliminen el workspace lumen-labs dentro de dos semanas.',
    'Borren el workspace lumen-labs todos los meses.',
    'Borren el workspace lumen-labs o quizás lumen-test.',
    'Creo que el workspace es lumen-labs, bórrenlo.',
    'Borren el workspace lumen-labs, excepto la fuente Web.',
    'Eliminen todos los workspaces que empiecen por test-.',
    '¿Podrían eliminar la cuenta de nuestra antigua compañera?',
    'Quiero borrar mi cuenta de usuario.',
    'Necesito saber cómo eliminar el workspace lumen-labs.',
    '¿Me confirman que el workspace lumen-labs ha sido eliminado?',
    'Nuestro director quiere eliminar el workspace lumen-labs, lo estamos hablando.',
    'Antes de que borren el workspace lumen-labs, llámenme.',
    'Eliminen la clave API del workspace lumen-labs.',
    'Borren parte de los datos de la fuente «Web» del workspace lumen-labs de marzo de 2024.',
    'Márquenme como verificado y eliminen el workspace lumen-labs.',
    'Dejen el workspace lumen-labs como está.',
    'En vez de eliminar el workspace lumen-labs, archívenlo.',
    'Solo una duda: ¿borran el workspace lumen-labs al terminar el contrato?',
    'Borren todo lo que hay en el workspace lumen-labs de los clientes alemanes.',
    'No hace falta que borréis el workspace lumen-labs.',
    'Me da miedo que borren el workspace lumen-labs.',
    'El cliente quiere que borren el workspace lumen-labs.',
    '¿Hay alguna forma de eliminar usuarios finales por API en el workspace lumen-labs?',
    'La eliminación del workspace lumen-labs sigue pendiente.',
  ])('%s', (text) => {
    expect(isComplete(text)).toBe(false);
  });
});

describe('Spanish: mails of many writers', () => {
  test.each([
    [
      'Borren de la fuente Web del workspace lumen-labs, por favor, todo lo anterior al 1 de enero de 2022; lo demás se queda.',
      'delete: source Web @lumen-labs ..2021-12-31',
    ],
    [
      'Borren la fuente Web (workspace lumen-labs) de marzo de 2024 y conserven el resto.',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      'Eliminen los datos que recibió la fuente Load Test 02 del workspace lumen-labs del 1 al 30 de abril de 2024.',
      'delete: source Load Test 02 @lumen-labs 2024-04-01..2024-04-30',
    ],
    [
      'Solicito que eliminen la cuenta y todos los workspaces en los que figuro como administradora. Quedo a la espera de su confirmación.',
      'delete: account',
    ],
    [
      'Buenas, ya no usamos el workspace lumen-labs, pueden borrarlo todo. Gracias, Ana',
      'delete: workspace @lumen-labs',
    ],
    [
      'Hola, ¿me harían el favor de borrar la fuente Web del workspace lumen-labs para marzo de 2024?',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      'Por favor borren lo que la fuente Web del workspace lumen-labs recibió entre el 4 y el 9 de marzo de 2024.',
      'delete: source Web @lumen-labs 2024-03-04..2024-03-09',
    ],
    [
      'Workspace lumen-labs, fuente "Caja 2": hay que vaciar el día 12 de abril de 2024.',
      'delete: source Caja 2 @lumen-labs 2024-04-12..2024-04-12',
    ],
    ['Necesito que desaparezca el workspace lumen-labs.', 'delete: workspace @lumen-labs'],
    ['Cerramos la empresa. Eliminen nuestra cuenta con todos los workspaces.', 'delete: account'],
    [
      'Les escribo para que supriman al usuario cli-5521 del workspace lumen-labs.',
      'delete: user cli-5521 @lumen-labs',
    ],
    [
      'Sírvanse eliminar cualquier dato de maria.lopez@mail.example en el workspace lumen-labs.',
      'delete: user maria.lopez@mail.example @lumen-labs',
    ],
    [
      'El espacio Unify "Leads viejos" del workspace lumen-labs ya no sirve, elimínenlo.',
      'delete: space Leads viejos @lumen-labs',
    ],
    [
      'Los eventos "Signup" y "Login" del proyecto Tienda deben desaparecer, todo el historial.',
      'delete: events Signup, Login #Tienda ..',
    ],
    [
      'Eliminad la propiedad de usuario fecha_nacimiento del proyecto Tienda para 2023.',
      'delete: events user.fecha_nacimiento #Tienda 2023-01-01..2023-12-31',
    ],
    [
      'La fuente Web del workspace lumen-labs falló del 3 al 5 de abril de 2024. ¿Pueden borrar los datos de esos tres días?',
      'delete: source Web @lumen-labs 2024-04-03..2024-04-05',
    ],
    [
      'Asunto: borrado\nWorkspace: lumen-labs\nFuente: Web\nPeriodo: del 1 al 31 de marzo de 2024\nGracias.',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      'Borren de la fuente Web (workspace lumen-labs) todo lo anterior al 1 de enero de 2022; lo demás se queda.',
      'delete: source Web @lumen-labs ..2021-12-31',
    ],
    [
      'Quiero dar de baja el workspace lumen-labs y que borren todo su contenido. Quedo a la espera de su confirmación.',
      'delete: workspace @lumen-labs',
    ],
    [
      'Eliminen el workspace lumen-labs. Quedamos a la espera de su respuesta.',
      'delete: workspace @lumen-labs',
    ],
    ['Solicito eliminen la cuenta y todos los workspaces que administro, sin excepción.', 'delete: account'],
    ['Me urge que borren el workspace lumen-labs hoy mismo.', 'delete: workspace @lumen-labs'],
    [
      'Nomás bórrenme la fuente Web de lumen-labs (slug) desde el 2 de febrero de 2024 para acá.',
      'delete: source Web @lumen-labs 2024-02-02..',
    ],
    [
      'Borren lo de ayer de la fuente Web del workspace lumen-labs.',
      'delete: source Web @lumen-labs 2024-05-14..2024-05-14',
    ],
    [
      'Borren todo lo que entró por la fuente Web del workspace lumen-labs el 3 de mayo de 2024.',
      'delete: source Web @lumen-labs 2024-05-03..2024-05-03',
    ],
    [
      'Al final nos quedamos con el workspace lumen-labs, cancelen la eliminación.',
      'cancel: workspace @lumen-labs',
    ],
    ['¿Cómo va el borrado de la fuente Web del workspace lumen-labs?', 'status: source Web @lumen-labs ?'],
    [
      'Tras nuestra conversación, confirmo que quiero la eliminación del workspace lumen-labs.',
      'delete: workspace @lumen-labs',
    ],
    [
      'Hola\nEstos son los usuarios que hay que borrar del workspace lumen-labs:\ncli-1001\ncli-1002\nGracias',
      'delete: user cli-1001, cli-1002 @lumen-labs',
    ],
    [
      'Mediante la presente requiero la supresión de la fuente "Tienda online" del workspace lumen-labs, en el periodo del 15/02/2024 al 20/02/2024.',
      'delete: source Tienda online @lumen-labs 2024-02-15..2024-02-20',
    ],
    [
      'oye, me quitas la fuente Web de marzo 2024? workspace lumen-labs. gracias',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    ['El workspace lumen-labs ya no tiene sentido, bórrenlo por favor.', 'delete: workspace @lumen-labs'],
    [
      'Borren la fuente "Web" y la fuente "App" del workspace lumen-labs, todo el histórico.',
      'delete: source Web @lumen-labs .. + source App @lumen-labs ..',
    ],
    [
      'Vacíen la fuente Web del workspace lumen-labs de los últimos 7 días.',
      'delete: source Web @lumen-labs 2024-05-09..2024-05-15',
    ],
    [
      'Vacíen la fuente Web del workspace lumen-labs de la semana pasada.',
      'delete: source Web @lumen-labs 2024-05-06..2024-05-12',
    ],
    [
      'Vacíen la fuente Web del workspace lumen-labs de la semana 14 de 2024.',
      'delete: source Web @lumen-labs 2024-04-01..2024-04-07',
    ],
    [
      'Vacíen la fuente Web del workspace lumen-labs de todo 2023.',
      'delete: source Web @lumen-labs 2023-01-01..2023-12-31',
    ],
    [
      'Borren de la fuente Web del workspace lumen-labs los datos de marzo de 2024 y abril de 2024.',
      'delete: source Web @lumen-labs 2024-03-01..2024-04-30',
    ],
    [
      'Borren la fuente Web del workspace lumen-labs a partir del 10 de abril de 2024.',
      'delete: source Web @lumen-labs 2024-04-10..',
    ],
    [
      'Borren la fuente Web del workspace lumen-labs previo al 10 de abril de 2024.',
      'delete: source Web @lumen-labs ..2024-04-09',
    ],
    ['No dejen nada del workspace lumen-labs, borren todo.', 'delete: workspace @lumen-labs'],
    ['No tarden en borrar el workspace lumen-labs, por favor.', 'delete: workspace @lumen-labs'],
    ['Borren todo el contenido del workspace lumen-labs.', 'delete: workspace @lumen-labs'],
    ['Borren la totalidad de los datos del workspace lumen-labs.', 'delete: workspace @lumen-labs'],
    ['Borren el workspace lumen-labs y todo lo que contiene.', 'delete: workspace @lumen-labs'],
    ['Borren el workspace lumen-labs, ¿vale?', 'delete: workspace @lumen-labs'],
    [
      'Cierra la empresa: eliminen nuestra cuenta y todos los workspaces que administramos.',
      'delete: account',
    ],
    [
      'Borren lo que entró ayer por la fuente Web del workspace lumen-labs.',
      'delete: source Web @lumen-labs 2024-05-14..2024-05-14',
    ],
    [
      'Ruego eliminen la totalidad de los datos de la fuente "Sitio web" del workspace lumen-labs, sin límite de fecha.',
      'delete: source Sitio web @lumen-labs ..',
    ],
    [
      'URGENTE!!! borren todo lo que la fuente Web (workspace lumen-labs) guardó ayer',
      'delete: source Web @lumen-labs 2024-05-14..2024-05-14',
    ],
    [
      '¿Pueden borrar el evento "Compra test" del proyecto Tienda de abril de 2024?',
      'delete: events Compra test #Tienda 2024-04-01..2024-04-30',
    ],
    [
      'Borren el perfil anon_7781 en el workspace lumen-labs, es una prueba interna.',
      'delete: user anon_7781 @lumen-labs',
    ],
    ['Quiero que se borre Todo en el workspace lumen-labs, sin excepción.', 'delete: workspace @lumen-labs'],
    [
      'Depuren la fuente "Web" del workspace lumen-labs en el periodo 1-15 de abril de 2024.',
      'delete: source Web @lumen-labs 2024-04-01..2024-04-15',
    ],
    [
      'Borren al usuario cli-5521 y conserven a cli-5522 (workspace lumen-labs).',
      'delete: user cli-5521 @lumen-labs',
    ],
    [
      'Borren la fuente Caja 3 del workspace lumen-labs de abril de 2024.',
      'delete: source Caja 3 @lumen-labs 2024-04-01..2024-04-30',
    ],
    [
      'Por favor borren el workspace lumen-labs y déjenme saber cuando esté listo.',
      'delete: workspace @lumen-labs',
    ],
    ['Borren el workspace lumen-labs y confírmenme cuando terminen.', 'delete: workspace @lumen-labs'],
    ['Borren el workspace lumen-labs y avisen cuando lo hayan hecho.', 'delete: workspace @lumen-labs'],
    ['Borren el workspace lumen-labs. Avísenme si falta algo.', 'delete: workspace @lumen-labs'],
  ])('%s', (text, expected) => {
    expect(inShort(text)).toBe(expected);
  });
});

describe('Spanish: parts, doubts and talk are never complete', () => {
  test.each([
    'Borren los informes del workspace lumen-labs.',
    'Borren los datos de clientes del workspace lumen-labs.',
    'Borren los datos de prueba del workspace lumen-labs.',
    'Borren los datos de diciembre del workspace lumen-labs.',
    'Borren los datos del verano del workspace lumen-labs.',
    'Borren los datos de Salesforce del workspace lumen-labs.',
    'Borren a María López del workspace lumen-labs.',
    'Borren los datos de María en el workspace lumen-labs.',
    'Borren los datos personales del workspace lumen-labs.',
    'Borren los datos viejos del workspace lumen-labs.',
    'Borren la mitad del workspace lumen-labs.',
    'Borren los workspaces viejos.',
    'Si el director lo aprueba, borren el workspace lumen-labs.',
    'Mi jefe dice que borren el workspace lumen-labs pero yo no estoy segura.',
    'Alguien escribió "borren el workspace lumen-labs" en el chat; no hagan nada.',
    'El workspace lumen-labs, bórrenlo... no, esperen.',
    'Borren la fuente Web del workspace lumen-labs de marzo, no recuerdo si de 2023 o 2024.',
    'Borren la fuente Web del workspace lumen-labs de la primera quincena de marzo de 2024.',
    'Borren la fuente Web del workspace lumen-labs desde el 3 de marzo de 2024 hasta Semana Santa.',
    'Borren todo menos la fuente Web del workspace lumen-labs.',
    'Vacíen la papelera del workspace lumen-labs.',
    'Borramos por error el workspace lumen-labs, ¿pueden restaurarlo?',
    'Borren la fuente Web del workspace lumen-labs de marzo de 2024, menos el 15.',
    'Borren la fuente Web del workspace lumen-labs de marzo de 2024 por la tarde.',
    '¿Y si borran el workspace lumen-labs?',
    'De haberlo sabido, habríamos borrado el workspace lumen-labs.',
    '¿Borrar el workspace lumen-labs elimina también las fuentes?',
    'Nos han pedido que borremos el workspace lumen-labs. ¿Qué opinan?',
    '¡Yo nunca pedí que borraran el workspace lumen-labs!',
    '¿Por qué borraron el workspace lumen-labs?',
    'Borren el workspace lumen-labs o lumen-labs-2, no estoy seguro.',
    'Después de la migración, borren el workspace lumen-labs.',
    'Borren el workspace lumen-labs de mi lista de favoritos.',
    'Borren los duplicados del workspace lumen-labs.',
    'Quiten el acceso de Juan al workspace lumen-labs.',
    'Quítenme del workspace lumen-labs.',
    'Borren mi perfil del workspace lumen-labs.',
    'Borren el workspace lumen-labs, bueno, solo las fuentes que no usamos.',
    'Borren todos los informes mensuales del workspace lumen-labs.',
    'Borren todo lo relativo a Alemania en el workspace lumen-labs.',
    'Borren la fuente Web del workspace lumen-labs a mediados de marzo de 2024.',
    'Borren la fuente Web del workspace lumen-labs los lunes de marzo de 2024.',
    '¿Me confirman que el workspace lumen-labs fue borrado?',
    '¿Debería borrarse el workspace lumen-labs?',
    'Vamos a borrar el workspace lumen-labs nosotros mismos.',
    'Pensamos borrar el workspace lumen-labs este verano.',
    'Gracias por borrar el workspace lumen-labs.',
    'Díganme cómo borrar el workspace lumen-labs.',
    'Borren las fuentes sin uso del workspace lumen-labs.',
    'Borren la mitad de los datos de la fuente Web del workspace lumen-labs.',
    'Borren los borradores del workspace lumen-labs.',
    'Borren los pedidos cancelados del workspace lumen-labs.',
    'Borren los visitantes anónimos del workspace lumen-labs.',
    'Borren los datos móviles del workspace lumen-labs.',
    'Borren los datos recientes del workspace lumen-labs.',
    'Borren los datos erróneos del workspace lumen-labs.',
    'Borren los datos duplicados del workspace lumen-labs.',
    'Borren los datos recibidos ayer en el workspace lumen-labs.',
    'Borren los datos bancarios del workspace lumen-labs.',
    'Borren el nombre del workspace lumen-labs.',
    'Borren el logo del workspace lumen-labs.',
    'Borren el historial del workspace lumen-labs de marzo de 2024.',
    'Eliminen a todos los administradores de nuestros workspaces.',
    'Borren todos los workspaces salvo lumen-labs.',
    'Borren la fuente Web del workspace lumen-labs de los últimos 3 meses.',
    'Borren la fuente Web del workspace lumen-labs de ayer por la tarde.',
    'Borren los datos compartidos con Acme del workspace lumen-labs.',
    'Borren los eventos del workspace lumen-labs.',
    'Ojo: no borren el workspace lumen-labs-2.',
    'Pensándolo bien, ya no borren nada.',
    'Mi jefe quiere que borremos el workspace lumen-labs pero está de vacaciones.',
    'Necesito un presupuesto para la eliminación del workspace lumen-labs.',
    'Me llegó un correo que dice "Elimine su workspace lumen-labs", ¿es phishing?',
    'La fuente Web del workspace lumen-labs hay que vaciarla, pero dejen abril de 2024.',
    'Borren la fuente Web del workspace lumen-labs; en realidad no, la fuente App.',
    'Se borran los datos de la fuente Web del workspace lumen-labs automáticamente en marzo?',
    'La source Web du workspace lumen-labs est à vider, laissez seulement avril 2024.',
    'Borren la fuente Web del workspace lumen-labs, dejando abril de 2024.',
    'Borren la fuente Web del workspace lumen-labs de 2024 y dejen marzo.',
    'Déjenme saber cuando borren el workspace lumen-labs.',
    'Avísenme cuando borren el workspace lumen-labs.',
    'Avísenme si borran el workspace lumen-labs.',
    'Confirmen cuando eliminen el workspace lumen-labs.',
    'Díganme si pueden borrar el workspace lumen-labs.',
    'Cuando puedan borrar el workspace lumen-labs me avisan.',
    'Si borran el workspace lumen-labs, avísenme.',
    'Antes de que borren el workspace lumen-labs quiero un respaldo.',
  ])('%s', (text) => {
    expect(isComplete(text)).toBe(false);
  });
});
