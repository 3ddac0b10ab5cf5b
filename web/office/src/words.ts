import { catalogue } from '@shared/kit/i18n'

export type PageKey = 'deliveries' | 'cash' | 'backpacks' | 'incidents' | 'couriers' | 'way' | 'exchange'

export const t = catalogue(
  {
    brand: 'Посредник',
    pages: {
      deliveries: 'Доставки', cash: 'Касса', backpacks: 'Рюкзаки', incidents: 'Разбор', couriers: 'Курьеры', way: 'Где мой заказ', exchange: 'Обмены',
    },
    main: 'Разделы',
    more: 'Ещё',
    skip: 'К содержанию',
    leave: 'Выйти',
    language: 'English',
    noNetwork: 'Нет связи',
    lost: 'Такой страницы нет',
    lostText: 'Ссылка устарела или введена не полностью. Выберите раздел вверху.',
    token: {
      title: 'Нужен ключ доступа',
      expired: 'Ключ больше не действует',
      text: 'Здесь видны заказы и деньги, поэтому страница открывается только по личному ключу. Откройте её по вашей ссылке или вставьте ключ.',
      expiredText: 'Ключ отозван, истёк или введён с ошибкой. Откройте страницу по новой ссылке или вставьте новый ключ.',
      label: 'Ключ',
      enter: 'Войти',
      who: 'Ключ выдаёт администратор. Он хранится до закрытия вкладки.',
      empty: 'Вставьте ключ: поле пустое.',
      odd: 'В ключе бывают только латинские буквы, цифры и знаки. Скопируйте его ещё раз целиком.',
    },
  },
  {
    brand: 'Posrednik',
    pages: {
      deliveries: 'Deliveries', cash: 'Cash', backpacks: 'Backpacks', incidents: 'Incidents', couriers: 'Couriers', way: 'Where is my order', exchange: 'Exchange',
    },
    main: 'Sections',
    more: 'More',
    skip: 'To the content',
    leave: 'Leave',
    language: 'Русский',
    noNetwork: 'No network',
    lost: 'There is no such page',
    lostText: 'The link is old or not complete. Choose a section above.',
    token: {
      title: 'An access key is needed',
      expired: 'The key is no longer valid',
      text: 'Orders and money are shown here, so the page opens only with a personal key. Open it by your link or paste the key.',
      expiredText: 'The key was revoked, has expired or is mistyped. Open the page by a new link or paste a new key.',
      label: 'Key',
      enter: 'Enter',
      who: 'The administrator gives out keys. It is kept until the tab is closed.',
      empty: 'Paste the key: the field is empty.',
      odd: 'A key has only Latin letters, digits and signs. Copy it again as a whole.',
    },
  },
)
