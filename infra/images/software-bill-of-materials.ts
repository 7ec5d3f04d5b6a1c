import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { BundledPackage } from './bundled-packages.ts';
import type { Program } from './programs.ts';

const licences = new Contrib.License.Factories.LicenseFactory((text) => {
  if (!/ (AND|OR|WITH) /.test(text)) throw new RangeError(`${text} is no licence expression`);
});

/**
 * The software bill of materials of a bundle as CycloneDX 1.6 JSON: exactly the packages whose code is inside, and the Node.js that
 * it was built for, with version, licence and package URL. It has no date and no serial number, so the same bundle has the same bill.
 */
export function softwareBillOfMaterials(program: Program, packages: readonly BundledPackage[]): string {
  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, `furrow-${program.name}`, {
    bomRef: `furrow-${program.name}`,
  });
  bom.components.add(
    new Models.Component(Enums.ComponentType.Platform, 'node', {
      version: process.versions.node,
      purl: `pkg:generic/node@${process.versions.node}`,
      bomRef: 'node',
    }),
  );
  for (const found of packages) bom.components.add(componentOf(found));
  return new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)).serialize(bom, {
    sortLists: true,
    space: 2,
  });
}

function componentOf({ name, version, licence }: BundledPackage): Models.Component {
  const component = new Models.Component(Enums.ComponentType.Library, name, {
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    bomRef: `${name}@${version}`,
  });
  component.licenses.add(licences.makeFromString(licence));
  return component;
}
