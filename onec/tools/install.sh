#!/bin/sh
# Ставит, обновляет и убирает расширение «ПосредникДоставка» в базе 1С под Linux. POSIX sh и Python 3.8.
set -eu

name=ПосредникДоставка
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
source_dir=$here/../extension

usage() {
    cat <<'TEXT'
Использование: install.sh install|update|remove|check|epf [параметры] [-- параметры соединения ibcmd]

  --base ПУТЬ | 'СЕРВЕР\БАЗА'   база: папка файловой или сервер\база
  --user ИМЯ                    администратор базы; пароль в переменной ONEC_PASSWORD
  --platform ПАПКА              /opt/1cv8/x86_64/8.3.24.1691; без нее самая новая в /opt/1cv8
  --mode Version8_3_NN          режим совместимости конфигурации, если он не 8.3.16
  --base-dump ПАПКА             выгрузка конфигурации в файлы: режим и идентификаторы взять из нее
  --without buttons,jobs        без кнопок БСП, без своих регламентных заданий
  --ibcmd                       не Конфигуратор, а ibcmd; параметры соединения после --
  --yes                         remove: да, убрать вместе с очередью и настройками

  --epf ФАЙЛ                    epf: куда записать дополнительную обработку (запуск обмена без своих заданий)

update - то же, что install: очередь и настройки остаются. remove удаляет их вместе с расширением.
TEXT
}

die() { printf '%s\n' "install: $*" >&2; exit 2; }
say() { printf '%s\n' "install: $*"; }

job=${1:-}; [ $# -gt 0 ] && shift
base='' user='' platform='' mode='' base_dump='' without='' ibcmd='' yes='' epf=''
while [ $# -gt 0 ]; do
    case $1 in
        --base) base=$2; shift 2 ;;
        --user) user=$2; shift 2 ;;
        --platform) platform=$2; shift 2 ;;
        --mode) mode=$2; shift 2 ;;
        --base-dump) base_dump=$2; shift 2 ;;
        --without) without=$2; shift 2 ;;
        --epf) epf=$2; shift 2 ;;
        --ibcmd) ibcmd=1; shift ;;
        --yes) yes=1; shift ;;
        --) shift; break ;;
        *) usage >&2; die "непонятный параметр $1" ;;
    esac
done
case $job in install | update | remove | check | epf) ;; *) usage >&2; exit 2 ;; esac

if [ -z "$platform" ]; then
    platform=$(ls -d /opt/1cv8/*/8.* /opt/1cv8/8.* 2>/dev/null | sort -V | tail -n 1)
    [ -n "$platform" ] || die "платформа не найдена, укажите --platform"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# Один запуск Конфигуратора. Журнал решает наравне с кодом возврата: тот бывает 0 и после ошибки.
designer() {
    [ -n "$base" ] || die "укажите --base"
    case $base in *\\*) where=/S ;; *) where=/F ;; esac
    set -- DESIGNER "$where" "$base" "$@"
    [ -z "$user" ] || set -- "$@" /N "$user"
    [ -z "${ONEC_PASSWORD:-}" ] || set -- "$@" /P "$ONEC_PASSWORD"
    rm -f "$work/log.txt"
    code=0
    "$platform/1cv8" "$@" /WA- /DisableStartupDialogs /DisableStartupMessages /Out "$work/log.txt" || code=$?
    bad=0
    python3 "$here/prepare.py" read-log "$work/log.txt" || bad=1
    [ "$code" = 0 ] && [ "$bad" = 0 ] || die "Конфигуратор не справился (код $code), журнал выше"
}

prepare() {
    set -- --platform "$(basename "$platform")"
    [ -z "$mode" ] || set -- "$@" --mode "$mode"
    [ -z "$base_dump" ] || set -- "$@" --base-dump "$base_dump"
    [ -z "$without" ] || set -- "$@" --without "$without"
    python3 "$here/prepare.py" copy "$source_dir" "$work/extension" "$@"
}

if [ "$job" = epf ]; then
    [ -n "$epf" ] || die "укажите --epf: куда записать обработку"
    python3 "$here/prepare.py" copy "$here/../additional" "$work/additional" --platform "$(basename "$platform")"
    mkdir -p "$work/additional/ДоставкаОбмен/Ext"
    mv "$work/additional/МодульОбъекта.bsl" "$work/additional/ДоставкаОбмен/Ext/ObjectModule.bsl"
    designer /LoadExternalDataProcessorOrReportFromFiles "$work/additional/ДоставкаОбмен.xml" "$epf"
    say "готово: $epf"
    exit 0
fi

if [ -n "$ibcmd" ]; then
    run() { "$platform/ibcmd" "$@" || die "ibcmd не справился: $1 $2"; }
    case $job in
        install | update)
            prepare
            # Создать уже созданное нельзя; настоящую ошибку покажет загрузка.
            "$platform/ibcmd" extension create "$@" --name="$name" --name-prefix=кд_ --purpose=add-on || true
            run infobase config import "$@" --extension="$name" "$work/extension"
            run infobase config apply "$@" --extension="$name" --force
            run extension update "$@" --name="$name" --active=yes --safe-mode=no --unsafe-action-protection=no
            ;;
        check) run infobase config check "$@" --extension="$name" ;;
        remove)
            [ -n "$yes" ] || die "remove удалит и очередь, и настройки обмена; если так и нужно, добавьте --yes"
            run extension delete "$@" --name="$name"
            ;;
    esac
    say "готово"
    exit 0
fi

case $job in
    install | update)
        prepare
        designer /LoadConfigFromFiles "$work/extension" -Extension "$name"
        designer /UpdateDBCfg -Extension "$name"
        designer /CheckCanApplyConfigurationExtensions -Extension "$name"
        say "загружено. Теперь в Конфигураторе: Конфигурация - Расширения конфигурации, строка «$name»:"
        say "снимите «Безопасный режим» и «Защита от опасных действий», иначе обмен не выйдет в сеть."
        ;;
    check) designer /CheckCanApplyConfigurationExtensions -Extension "$name" ;;
    remove)
        [ -n "$yes" ] || die "remove удалит и очередь, и настройки обмена; если так и нужно, добавьте --yes"
        designer /ManageCfgExtensions -delete -Extension "$name"
        ;;
esac
say "готово"
