import type { ImapServer } from 'hoodiecrow-imap';

/**
 * IDLE (RFC 2177) for hoodiecrow, in place of its own, whose 30-minute timer outlives the connection and would keep
 * the process from ending, and which goes on to send notices in the middle of later commands.
 */
export function answerIdle(server: ImapServer): void {
  server.registerCapability('IDLE');
  server.setCommandHandler('IDLE', (connection, parsed, data, done) => {
    const answer = (command: string, text: string) => {
      const attributes = [{ type: 'TEXT', value: text }];
      connection.send({ tag: parsed.tag, command, attributes }, 'IDLE', parsed, data);
      done();
    };
    if (connection.state === 'Not Authenticated') return answer('NO', 'Login first');
    connection.inputHandler = (line) => {
      connection.inputHandler = false;
      connection.directNotifications = false;
      const isDone = line.trim().toUpperCase() === 'DONE';
      answer(isDone ? 'OK' : 'BAD', isDone ? 'IDLE ended' : 'DONE expected');
    };
    connection.send(
      { tag: '+', attributes: [{ type: 'TEXT', value: 'idling' }] },
      'IDLE CONTINUE',
      parsed,
      data,
    );
    connection.directNotifications = true;
    connection.processNotifications(); // what came between the last command and this one
  });
}
