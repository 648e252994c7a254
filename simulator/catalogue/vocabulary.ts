/** The words of the simulated catalogue. Brands and suppliers are invented. */

export const brandNames: readonly string[] = [
  'Norwell', 'Ashgrove', 'Brightmoor', 'Calder & Finch', 'Dunmere', 'Eastvale', 'Fenwick Home', 'Glenhollow',
  'Harrowgate', 'Ironleaf', 'Juniper Row', 'Kestrel Bay', 'Larkfield', 'Mossbank', 'Northlight', 'Oakhaven',
  'Pinecrest Works', 'Quillon', 'Ravenscar', 'Stonebridge', 'Tidewater', 'Umberline', 'Verdano', 'Westmark',
  'Yarrow & Co', 'Zephyrine', 'Alderpoint', 'Birchwold', 'Copperline', 'Drayton', 'Elmstead', 'Foxglove',
  'Granville', 'Hollybrook', 'Inverlake', 'Jasperwell', 'Kinloch', 'Lindenau', 'Marlowe', 'Nettleton',
  'Orchard Lane', 'Pemberley', 'Rookwood', 'Silverthorn', 'Thistledown', 'Upminster', 'Valecrest', 'Wrenfield',
  'Bluefell', 'Castellan',
] // biome-ignore format: a table

export const supplierNames: readonly string[] = [
  'Meridian Wholesale', 'Harbor Distribution', 'Summit Trade Supply', 'Lakeside Imports', 'Continental Goods',
  'Pioneer Logistics', 'Crossroads Trading', 'Evergreen Supply',
] // biome-ignore format: a table

export const adjectives: readonly string[] = [
  'Compact', 'Classic', 'Heavy Duty', 'Portable', 'Premium', 'Slim', 'Adjustable', 'Everyday', 'Foldable',
  'Professional', 'Lightweight', 'Deluxe', 'Original', 'Quiet', 'Waterproof', 'Reinforced',
] // biome-ignore format: a table

export const colors: readonly string[] = [
  'Black', 'White', 'Navy', 'Forest Green', 'Charcoal', 'Red', 'Silver', 'Natural', 'Teal', 'Ivory',
] // biome-ignore format: a table

export interface Category {
  readonly name: string
  readonly productType: string
  readonly websiteDisplayGroup: string
  readonly classificationId: string
  readonly leaf: string
  readonly leafId: string
  readonly nouns: readonly string[]
}

const category = (
  name: string,
  productType: string,
  websiteDisplayGroup: string,
  classificationId: string,
  leaf: string,
  leafId: string,
  nouns: readonly string[],
): Category => ({ name, productType, websiteDisplayGroup, classificationId, leaf, leafId, nouns })

export const categories: readonly Category[] = [
  category('Kitchen & Dining', 'KITCHEN', 'kitchen_display_on_website', '284507', 'Kitchen Utensils', '289754', ['Garlic Press', 'Mixing Bowl', 'Chef Knife', 'Cutting Board', 'Whisk', 'Storage Jar']),
  category('Tools & Home Improvement', 'TOOLS', 'home_improvement_display_on_website', '228013', 'Hand Tools', '551238', ['Screwdriver', 'Claw Hammer', 'Tape Measure', 'Socket Wrench', 'Utility Knife', 'Spirit Level']),
  category('Office Products', 'OFFICE_PRODUCTS', 'office_product_display_on_website', '1064954', 'Desk Accessories', '1069514', ['Stapler', 'Desk Organizer', 'Letter Tray', 'Hole Punch', 'Notebook', 'Tape Dispenser']),
  category('Toys & Games', 'TOYS_AND_GAMES', 'toy_display_on_website', '165793011', 'Puzzles', '166359011', ['Jigsaw Puzzle', 'Building Blocks', 'Card Game', 'Spinning Top', 'Plush Bear', 'Marble Run']),
  category('Pet Supplies', 'PET_SUPPLIES', 'pet_products_display_on_website', '2619533011', 'Dog Toys', '2975413011', ['Dog Leash', 'Cat Bed', 'Chew Toy', 'Water Fountain', 'Grooming Brush', 'Litter Scoop']),
  category('Sports & Outdoors', 'SPORTING_GOODS', 'sports_display_on_website', '3375251', 'Camping', '3400371', ['Water Bottle', 'Camping Lantern', 'Yoga Mat', 'Jump Rope', 'Dry Bag', 'Resistance Band']),
  category('Beauty & Personal Care', 'BEAUTY', 'beauty_display_on_website', '3760911', 'Bath Accessories', '11062741', ['Hand Cream', 'Hair Brush', 'Bath Sponge', 'Nail File', 'Soap Dish', 'Shower Cap']),
  category('Grocery', 'GROCERY', 'grocery_display_on_website', '16310101', 'Pantry Staples', '18787303011', ['Sea Salt', 'Green Tea', 'Olive Oil', 'Rolled Oats', 'Tomato Sauce', 'Black Pepper']),
  category('Electronics', 'ELECTRONICS', 'ce_display_on_website', '172282', 'Accessories', '281407', ['USB Cable', 'Phone Stand', 'Power Strip', 'Bluetooth Speaker', 'Card Reader', 'Webcam Cover']),
  category('Garden', 'GARDEN', 'lawn_and_garden_display_on_website', '2972638011', 'Gardening Tools', '3043471', ['Plant Pot', 'Pruning Shears', 'Hose Nozzle', 'Seed Tray', 'Garden Trowel', 'Watering Can']),
] // biome-ignore format: a table

export const packQuantities: readonly number[] = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 6, 12]
