import { expect, it } from 'vitest';
import { calibrate, fit, scoreTools, type Example } from './fit.ts';

/** Requests for which the first feature is what matters, the second speaks against, and the third is noise. */
function examples(count: number): readonly Example[] {
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: count }, () => {
    const features = Float64Array.from({ length: 30 }, random);
    const hope = Array.from(
      { length: 10 },
      (_, tool) => 6 * (features[tool * 3] ?? 0) - 3 * (features[tool * 3 + 1] ?? 0) - Math.log(-Math.log(random())),
    );
    const best = hope.indexOf(Math.max(...hope));
    return { weight: 1, gate: 0, features, relevant: Uint8Array.from(hope, (_, tool) => (tool === best ? 1 : 0)) };
  });
}

it('finds the weights that made the choices', () => {
  const [first = 0, second = 0, third = 1] = fit(examples(4000), 3, [true, true, true], 1e-6);
  expect(first).toBeCloseTo(6, 0);
  expect(second).toBeCloseTo(-3, 0);
  expect(Math.abs(third)).toBeLessThan(0.3);
});

it('finds what a gate adds to a weight', () => {
  const gated = examples(4000).map((example, at) => ({ ...example, gate: at % 2 }));
  // Behind the gate, what spoke for a tool speaks against it.
  const turned = gated.map((example) =>
    example.gate === 0 ? example : { ...example, features: example.features.map((value) => -value) },
  );
  const weights = fit(turned, 3, [true, true, true], 1e-6);
  expect(weights[0]).toBeCloseTo(6, 0);
  expect((weights[0] ?? 0) + (weights[3] ?? 0)).toBeCloseTo(-6, 0);
});

it('leaves weights of unused features at zero, and pulls all towards zero under a heavy ridge', () => {
  const some = examples(500);
  expect(fit(some, 3, [true, false, true], 1e-3)[1]).toBe(0);
  expect(Math.abs(fit(some, 3, [true, true, true], 100)[0] ?? 1)).toBeLessThan(0.1);
});

it('takes several right tools, however far ahead one of them is', () => {
  const features = Float64Array.from([100, 1, 0.5, 0]);
  const weights = fit([{ weight: 1, gate: 0, features, relevant: Uint8Array.from([1, 1, 0, 0]) }], 1, [true], 1e-3);
  expect(weights[0]).toBeGreaterThan(0);
  expect(Number.isFinite(weights[0])).toBe(true);
});

it('calibrates scores so that as many are taken for right as are', () => {
  const some = examples(300);
  const scored = some.map((example) => scoreTools(example, 3, Float64Array.from([6, -3, 0])));
  const bias = calibrate(some, scored);
  let taken = 0;
  for (const scores of scored) for (const score of scores) taken += 1 / (1 + Math.exp(-score - bias));
  expect(taken).toBeCloseTo(300, 3);
});
