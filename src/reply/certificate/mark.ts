/** The ornament of a certificate: lines that its receipt decides, so that no two receipts have the same one. */

/**
 * A rosette of fine lines around a centre, as on securities: two hypotrochoids whose lobes follow from the digest. An
 * ornament, not a proof: that is the signature's part.
 * @param digest - lower-case hex, 8 digits or more
 */
export function drawRosette(
  doc: PDFKit.PDFDocument,
  digest: string,
  {
    x,
    y,
    radius,
    colour,
  }: { readonly x: number; readonly y: number; readonly radius: number; readonly colour: string },
): void {
  const [lobes = 0, depth = 0, turn = 0, inner = 0] = [0, 2, 4, 6].map((at) =>
    Number.parseInt(digest.slice(at, at + 2), 16),
  );
  const rings = [
    { radius, lobes: 11 + (lobes % 7), depth: 0.16 + (depth % 16) / 160, turn: turn / 40 },
    { radius: radius * 0.66, lobes: 7 + (inner % 5), depth: 0.2 + (turn % 16) / 160, turn: lobes / 40 },
  ];
  doc.lineWidth(0.35).strokeColor(colour);
  for (const ring of rings) {
    for (const phase of [0, 1 / 3, 2 / 3]) drawRing(doc, { ...ring, x, y, phase });
  }
}

function drawRing(
  doc: PDFKit.PDFDocument,
  ring: {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    readonly lobes: number;
    readonly depth: number;
    readonly turn: number;
    readonly phase: number;
  },
): void {
  const points = ring.lobes * POINTS_A_LOBE;
  for (let point = 0; point <= points; point++) {
    const angle = (point / points) * 2 * Math.PI;
    const wave = Math.sin(ring.lobes * angle + 2 * Math.PI * ring.phase);
    const distance = ring.radius * (1 - ring.depth + ring.depth * wave);
    const [x, y] = [
      ring.x + distance * Math.cos(angle + ring.turn),
      ring.y + distance * Math.sin(angle + ring.turn),
    ];
    if (point === 0) doc.moveTo(x, y);
    else doc.lineTo(x, y);
  }
  doc.closePath().stroke();
}

const POINTS_A_LOBE = 14;
