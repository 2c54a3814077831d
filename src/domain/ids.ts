declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A ticket's number; the public reference is `PD-` and this number. */
export type TicketId = Branded<number, 'TicketId'>;
export type ConversationId = Branded<number, 'ConversationId'>;
export type MessageId = Branded<number, 'MessageId'>;

export const ticketId = (value: number): TicketId => value as TicketId;
export const conversationId = (value: number): ConversationId => value as ConversationId;
export const messageId = (value: number): MessageId => value as MessageId;

export const referenceOf = (id: TicketId): string => `PD-${id}`;

/** Reads `PD-1042` in any case; `null` when it is not a reference. */
export function parseReference(text: string): TicketId | null {
  const match = /^PD-([1-9]\d{0,14})$/i.exec(text.trim());
  return match?.[1] === undefined ? null : ticketId(Number(match[1]));
}
